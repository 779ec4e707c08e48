/* leadweights crm, model 0b1764952b38, standardized
  Source       a text, or a whole number
  Do Not Call  a text, or a whole number
  Opted In     true or false, or 1 or 0
  Created      a date, or a timestamp without a time zone
  Exported     a date, or a timestamp without a time zone
  Revenue      a text with a number
  Visits       a number
  Interests    a list in a text, its values between ';' */
WITH `inputs` AS (
  SELECT
    `Id`,
    LOWER(REPLACE(REPLACE(TRIM(CAST(`Source` AS STRING)), 'Σ', 'σ'), 'İ', 'i')) AS `Source_input`,
    CASE
      WHEN CAST(`Do Not Call` AS STRING) = 'Yes'
      THEN 1.0000000000000000e+00
      WHEN CAST(`Do Not Call` AS STRING) = 'No'
      THEN 0.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END AS `Do Not Call_input`,
    CASE
      WHEN CAST(CAST(`Opted In` AS INT) AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(CAST(`Opted In` AS INT) AS DOUBLE)
      ELSE 1.0000000000000000e+00
    END AS `Opted In_input`,
    CAST(EXTRACT(MONTH FROM CAST(`Created` AS DATE)) AS DOUBLE) AS `Created month_input`,
    CASE
      WHEN (CAST(DATEDIFF(CAST(`Exported` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE) - CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)) BETWEEN 0.0000000000000000e+00 AND 3.6500000000000000e+02
      THEN CAST(DATEDIFF(CAST(`Exported` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE) - CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)
      WHEN (CAST(DATEDIFF(CAST(`Exported` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE) - CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)) BETWEEN (-1.0000000000000000e+100) AND 0.0000000000000000e+00
      THEN 0.0000000000000000e+00
      WHEN (CAST(DATEDIFF(CAST(`Exported` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE) - CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)) BETWEEN 3.6500000000000000e+02 AND 1.0000000000000000e+100
      THEN 3.6500000000000000e+02
      ELSE 3.0000000000000000e+01
    END AS `Age_input`,
    CASE
      WHEN (2.0634000000000000e+04 - CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN 2.0634000000000000e+04 - CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)
      ELSE 7.0000000000000000e+00
    END AS `Days Open_input`,
    CASE
      WHEN CASE
        WHEN CAST(`Revenue` AS STRING) RLIKE '^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *$(?![^0])'
        THEN CAST(TRIM(CAST(`Revenue` AS STRING)) AS DOUBLE)
      END BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CASE
        WHEN CAST(`Revenue` AS STRING) RLIKE '^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *$(?![^0])'
        THEN CAST(TRIM(CAST(`Revenue` AS STRING)) AS DOUBLE)
      END
      ELSE 0.0000000000000000e+00
    END AS `Revenue_input`,
    CASE
      WHEN CAST(`Visits` AS DOUBLE) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN CASE
        WHEN CAST(`Source` AS STRING) = 'google'
        THEN 2.0000000000000000e+00
        WHEN CAST(`Source` AS STRING) = 'it\'s'
        THEN 5.0000000000000000e+00
        ELSE 3.0000000000000000e+00
      END
      WHEN CAST(`Visits` AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(`Visits` AS DOUBLE)
      ELSE CASE
        WHEN CAST(`Source` AS STRING) = 'google'
        THEN 2.0000000000000000e+00
        WHEN CAST(`Source` AS STRING) = 'it\'s'
        THEN 5.0000000000000000e+00
        ELSE 3.0000000000000000e+00
      END
    END AS `Visits_input`,
    CASE
      WHEN CAST(`Visits` AS DOUBLE) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN 1.0000000000000000e+00
      WHEN CAST(`Visits` AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN 0.0000000000000000e+00
      ELSE 1.0000000000000000e+00
    END AS `Visits is missing_input`,
    (CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)
      + 3.0000000000000000e+00) - (7.0000000000000000e+00 * FLOOR(
      (CAST(DATEDIFF(CAST(`Created` AS DATE), CAST('1970-01-01' AS DATE)) AS DOUBLE)
        + 3.0000000000000000e+00) / 7.0000000000000000e+00
    )) AS `Created weekday_input`,
    REPLACE(CAST(`Interests` AS STRING), ' ', '') AS `Interests_list`
  FROM `leads`
), `contributions` AS (
  SELECT
    `Id`,
    CASE
      WHEN `Source_input` IS NULL
      THEN (-2.0000000000000001e-01)
      WHEN `Source_input` = 'google'
      THEN 1.0000000000000001e-01
      WHEN `Source_input` = 'café ☕'
      THEN 2.5000000000000000e-01
      WHEN `Source_input` = '' OR `Source_input` = 'Select'
      THEN (-2.0000000000000001e-01)
      ELSE (-1.0000000000000001e-01)
    END AS `Source_contribution`, /* 2 levels, weight 0.1 */
    (`Do Not Call_input` - 1.0000000000000001e-01) * (-1.6666666666666669e-01) AS `Do Not Call_contribution`, /* mean 0.1, std 0.3, weight -0.05 */
    (`Opted In_input` - 9.0000000000000002e-01) * 1.6666666666666669e-01 AS `Opted In_contribution`, /* mean 0.9, std 0.3, weight 0.05 */
    CASE
      WHEN `Created month_input` BETWEEN 1.2000000000000000e+01 AND 1.2000000000000000e+01
      THEN 2.9999999999999999e-01
      WHEN `Created month_input` BETWEEN (-1.2000000000000000e+01) AND 1.2000000000000000e+01
      THEN (-1.0000000000000001e-01)
      ELSE (-2.0000000000000001e-01)
    END AS `Created month_contribution`, /* 1 levels, weight 0.1 */
    (`Age_input` - 3.0000000000000000e+01) * (-5.0000000000000001e-03) AS `Age_contribution`, /* mean 30, std 20, weight -0.1 */
    (CASE
      WHEN `Days Open_input` >= 0.0000000000000000e+00
      THEN LN(1.0000000000000000e+00 + `Days Open_input`)
      ELSE 0.0000000000000000e+00 - LN(1.0000000000000000e+00 - `Days Open_input`)
    END - 2.0000000000000000e+00) * (-6.6666666666666666e-02) AS `Days Open_contribution`, /* mean 2, std 1.5, weight -0.1 */
    (`Revenue_input` - 1.0000000000000000e+03) * 4.0000000000000002e-04 AS `Revenue_contribution`, /* mean 1000, std 250, weight 0.1 */
    CASE
      WHEN `Visits_input` >= 1.0000000000000000e+01
      THEN 2.0000000000000001e-01
      WHEN `Visits_input` >= 2.0000000000000000e+00
      THEN 1.0000000000000001e-01 + ((`Visits_input` - 2.0000000000000000e+00) * 1.2500000000000001e-02)
      WHEN `Visits_input` >= 0.0000000000000000e+00
      THEN (-2.9999999999999999e-01) + ((`Visits_input` - 0.0000000000000000e+00) * 2.0000000000000001e-01)
      ELSE (-2.9999999999999999e-01)
    END AS `Visits_contribution`, /* a curve of 3 points, weight 0.1 */
    (`Visits is missing_input` - 1.0000000000000001e-01) * (-3.3333333333333337e-01) AS `Visits is missing_contribution`, /* mean 0.1, std 0.3, weight -0.1 */
    CASE
      WHEN `Created weekday_input` BETWEEN 0.0000000000000000e+00 AND 0.0000000000000000e+00
      THEN 2.0000000000000001e-01
      WHEN `Created weekday_input` BETWEEN (-1.2000000000000000e+01) AND 1.2000000000000000e+01
      THEN (-1.0000000000000001e-01)
      ELSE (-2.0000000000000001e-01)
    END AS `Created weekday_contribution`, /* 1 levels, weight 0.1 */
    (CASE
      WHEN LOCATE(';it\'s;', CONCAT(CONCAT(';', `Interests_list`), ';')) > 0
      THEN 1.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END - 2.0000000000000001e-01) * 1.2500000000000000e-01 AS `Interests: it's_contribution`, /* mean 0.2, std 0.4, weight 0.05 */
    (CASE
      WHEN LOCATE(';website;', CONCAT(CONCAT(';', `Interests_list`), ';')) > 0
      THEN 1.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END - 1.0000000000000001e-01) * (-1.6666666666666669e-01) AS `Interests: web site_contribution` /* mean 0.1, std 0.3, weight -0.05 */
  FROM `inputs`
), `lead_scores` AS (
  SELECT
    `Id`,
    `Source_contribution`
      + `Do Not Call_contribution`
      + `Opted In_contribution`
      + `Created month_contribution`
      + `Age_contribution`
      + `Days Open_contribution`
      + `Revenue_contribution`
      + `Visits_contribution`
      + `Visits is missing_contribution`
      + `Created weekday_contribution`
      + `Interests: it's_contribution`
      + `Interests: web site_contribution` AS `lead_score`
  FROM `contributions`
), `log_odds` AS (
  SELECT
    `Id`,
    `lead_score`,
    (-5.0000000000000000e-01) + (3.0000000000000000e+00 * `lead_score`) AS `log_odds`
  FROM `lead_scores`
), `odds` AS (
  SELECT
    `Id`,
    `lead_score`,
    `log_odds`,
    CASE
      WHEN `log_odds` BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP(`log_odds`)
      WHEN `log_odds` > 0.0000000000000000e+00
      THEN 1.0000000000000000e+100
      ELSE 0.0000000000000000e+00
    END AS `odds`
  FROM `log_odds`
)
SELECT
  `Id`,
  `lead_score`,
  `log_odds`,
  `odds` / (1.0000000000000000e+00 + `odds`) AS `probability`
FROM `odds`
