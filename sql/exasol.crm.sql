/* leadweights crm, model 0b1764952b38, standardized
  Source       a text, or a whole number
  Do Not Call  a text, or a whole number
  Opted In     true or false, or 1 or 0
  Created      a date, or a timestamp without a time zone
  Exported     a date, or a timestamp without a time zone
  Revenue      a text with a number
  Visits       a number
  Interests    a list in a text, its values between ';' */
WITH "inputs" AS (
  SELECT
    "Id",
    LOWER(REPLACE(REPLACE(TRIM(CAST("Source" AS VARCHAR(2000000)), ' '), 'Σ', 'σ'), 'İ', 'i')) AS "Source_input",
    CASE
      WHEN CAST("Do Not Call" AS VARCHAR(2000000)) = 'Yes'
      THEN CAST('1.0000000000000000e+00' AS DOUBLE)
      WHEN CAST("Do Not Call" AS VARCHAR(2000000)) = 'No'
      THEN CAST('0.0000000000000000e+00' AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS "Do Not Call_input",
    CASE
      WHEN CAST(CAST("Opted In" AS INT) AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST(CAST("Opted In" AS INT) AS DOUBLE)
      ELSE CAST('1.0000000000000000e+00' AS DOUBLE)
    END AS "Opted In_input",
    CAST(EXTRACT(MONTH FROM CAST("Created" AS DATE)) AS DOUBLE) AS "Created month_input",
    CASE
      WHEN (CAST(DAYS_BETWEEN(CAST("Exported" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)) BETWEEN CAST('0.0000000000000000e+00' AS DOUBLE) AND CAST('3.6500000000000000e+02' AS DOUBLE)
      THEN CAST(DAYS_BETWEEN(CAST("Exported" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)
      WHEN (CAST(DAYS_BETWEEN(CAST("Exported" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('0.0000000000000000e+00' AS DOUBLE)
      WHEN (CAST(DAYS_BETWEEN(CAST("Exported" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)) BETWEEN CAST('3.6500000000000000e+02' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST('3.6500000000000000e+02' AS DOUBLE)
      ELSE CAST('3.0000000000000000e+01' AS DOUBLE)
    END AS "Age_input",
    CASE
      WHEN (CAST('2.0634000000000000e+04' AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST('2.0634000000000000e+04' AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)
      ELSE CAST('7.0000000000000000e+00' AS DOUBLE)
    END AS "Days Open_input",
    CASE
      WHEN CASE
        WHEN CAST("Revenue" AS VARCHAR(2000000)) REGEXP_LIKE '.*^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *$(?![^0]).*'
        THEN CAST(TRIM(CAST("Revenue" AS VARCHAR(2000000)), ' ') AS DOUBLE)
      END BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CASE
        WHEN CAST("Revenue" AS VARCHAR(2000000)) REGEXP_LIKE '.*^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *$(?![^0]).*'
        THEN CAST(TRIM(CAST("Revenue" AS VARCHAR(2000000)), ' ') AS DOUBLE)
      END
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS "Revenue_input",
    CASE
      WHEN CAST("Visits" AS DOUBLE) BETWEEN CAST('9.9900000000000000e+02' AS DOUBLE) AND CAST('9.9900000000000000e+02' AS DOUBLE)
      THEN CASE
        WHEN CAST("Source" AS VARCHAR(2000000)) = 'google'
        THEN CAST('2.0000000000000000e+00' AS DOUBLE)
        WHEN CAST("Source" AS VARCHAR(2000000)) = 'it''s'
        THEN CAST('5.0000000000000000e+00' AS DOUBLE)
        ELSE CAST('3.0000000000000000e+00' AS DOUBLE)
      END
      WHEN CAST("Visits" AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST("Visits" AS DOUBLE)
      ELSE CASE
        WHEN CAST("Source" AS VARCHAR(2000000)) = 'google'
        THEN CAST('2.0000000000000000e+00' AS DOUBLE)
        WHEN CAST("Source" AS VARCHAR(2000000)) = 'it''s'
        THEN CAST('5.0000000000000000e+00' AS DOUBLE)
        ELSE CAST('3.0000000000000000e+00' AS DOUBLE)
      END
    END AS "Visits_input",
    CASE
      WHEN CAST("Visits" AS DOUBLE) BETWEEN CAST('9.9900000000000000e+02' AS DOUBLE) AND CAST('9.9900000000000000e+02' AS DOUBLE)
      THEN CAST('1.0000000000000000e+00' AS DOUBLE)
      WHEN CAST("Visits" AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST('0.0000000000000000e+00' AS DOUBLE)
      ELSE CAST('1.0000000000000000e+00' AS DOUBLE)
    END AS "Visits is missing_input",
    (CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)
      + CAST('3.0000000000000000e+00' AS DOUBLE)) - (CAST('7.0000000000000000e+00' AS DOUBLE) * FLOOR(
      (CAST(DAYS_BETWEEN(CAST("Created" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)
        + CAST('3.0000000000000000e+00' AS DOUBLE)) / CAST('7.0000000000000000e+00' AS DOUBLE)
    )) AS "Created weekday_input",
    REPLACE(CAST("Interests" AS VARCHAR(2000000)), ' ', '') AS "Interests_list"
  FROM "leads"
), "contributions" AS (
  SELECT
    "Id",
    CASE
      WHEN "Source_input" IS NULL
      THEN CAST('-2.0000000000000001e-01' AS DOUBLE)
      WHEN "Source_input" = 'google'
      THEN CAST('1.0000000000000001e-01' AS DOUBLE)
      WHEN "Source_input" = 'café ☕'
      THEN CAST('2.5000000000000000e-01' AS DOUBLE)
      WHEN "Source_input" = '' OR "Source_input" = 'Select'
      THEN CAST('-2.0000000000000001e-01' AS DOUBLE)
      ELSE CAST('-1.0000000000000001e-01' AS DOUBLE)
    END AS "Source_contribution", /* 2 levels, weight 0.1 */
    ("Do Not Call_input" - CAST('1.0000000000000001e-01' AS DOUBLE)) * CAST('-1.6666666666666669e-01' AS DOUBLE) AS "Do Not Call_contribution", /* mean 0.1, std 0.3, weight -0.05 */
    ("Opted In_input" - CAST('9.0000000000000002e-01' AS DOUBLE)) * CAST('1.6666666666666669e-01' AS DOUBLE) AS "Opted In_contribution", /* mean 0.9, std 0.3, weight 0.05 */
    CASE
      WHEN "Created month_input" BETWEEN CAST('1.2000000000000000e+01' AS DOUBLE) AND CAST('1.2000000000000000e+01' AS DOUBLE)
      THEN CAST('2.9999999999999999e-01' AS DOUBLE)
      WHEN "Created month_input" BETWEEN CAST('-1.2000000000000000e+01' AS DOUBLE) AND CAST('1.2000000000000000e+01' AS DOUBLE)
      THEN CAST('-1.0000000000000001e-01' AS DOUBLE)
      ELSE CAST('-2.0000000000000001e-01' AS DOUBLE)
    END AS "Created month_contribution", /* 1 levels, weight 0.1 */
    ("Age_input" - CAST('3.0000000000000000e+01' AS DOUBLE)) * CAST('-5.0000000000000001e-03' AS DOUBLE) AS "Age_contribution", /* mean 30, std 20, weight -0.1 */
    (CASE
      WHEN "Days Open_input" >= CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN LN(CAST('1.0000000000000000e+00' AS DOUBLE) + "Days Open_input")
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE) - LN(CAST('1.0000000000000000e+00' AS DOUBLE) - "Days Open_input")
    END - CAST('2.0000000000000000e+00' AS DOUBLE)) * CAST('-6.6666666666666666e-02' AS DOUBLE) AS "Days Open_contribution", /* mean 2, std 1.5, weight -0.1 */
    ("Revenue_input" - CAST('1.0000000000000000e+03' AS DOUBLE)) * CAST('4.0000000000000002e-04' AS DOUBLE) AS "Revenue_contribution", /* mean 1000, std 250, weight 0.1 */
    CASE
      WHEN "Visits_input" >= CAST('1.0000000000000000e+01' AS DOUBLE)
      THEN CAST('2.0000000000000001e-01' AS DOUBLE)
      WHEN "Visits_input" >= CAST('2.0000000000000000e+00' AS DOUBLE)
      THEN CAST('1.0000000000000001e-01' AS DOUBLE)
        + (("Visits_input" - CAST('2.0000000000000000e+00' AS DOUBLE)) * CAST('1.2500000000000001e-02' AS DOUBLE))
      WHEN "Visits_input" >= CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('-2.9999999999999999e-01' AS DOUBLE)
        + (("Visits_input" - CAST('0.0000000000000000e+00' AS DOUBLE)) * CAST('2.0000000000000001e-01' AS DOUBLE))
      ELSE CAST('-2.9999999999999999e-01' AS DOUBLE)
    END AS "Visits_contribution", /* a curve of 3 points, weight 0.1 */
    ("Visits is missing_input" - CAST('1.0000000000000001e-01' AS DOUBLE)) * CAST('-3.3333333333333337e-01' AS DOUBLE) AS "Visits is missing_contribution", /* mean 0.1, std 0.3, weight -0.1 */
    CASE
      WHEN "Created weekday_input" BETWEEN CAST('0.0000000000000000e+00' AS DOUBLE) AND CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('2.0000000000000001e-01' AS DOUBLE)
      WHEN "Created weekday_input" BETWEEN CAST('-1.2000000000000000e+01' AS DOUBLE) AND CAST('1.2000000000000000e+01' AS DOUBLE)
      THEN CAST('-1.0000000000000001e-01' AS DOUBLE)
      ELSE CAST('-2.0000000000000001e-01' AS DOUBLE)
    END AS "Created weekday_contribution", /* 1 levels, weight 0.1 */
    (CASE
      WHEN INSTR(';' || "Interests_list" || ';', ';it''s;') > 0
      THEN CAST('1.0000000000000000e+00' AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END - CAST('2.0000000000000001e-01' AS DOUBLE)) * CAST('1.2500000000000000e-01' AS DOUBLE) AS "Interests: it's_contribution", /* mean 0.2, std 0.4, weight 0.05 */
    (CASE
      WHEN INSTR(';' || "Interests_list" || ';', ';website;') > 0
      THEN CAST('1.0000000000000000e+00' AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END - CAST('1.0000000000000001e-01' AS DOUBLE)) * CAST('-1.6666666666666669e-01' AS DOUBLE) AS "Interests: web site_contribution" /* mean 0.1, std 0.3, weight -0.05 */
  FROM "inputs"
), "lead_scores" AS (
  SELECT
    "Id",
    "Source_contribution"
      + "Do Not Call_contribution"
      + "Opted In_contribution"
      + "Created month_contribution"
      + "Age_contribution"
      + "Days Open_contribution"
      + "Revenue_contribution"
      + "Visits_contribution"
      + "Visits is missing_contribution"
      + "Created weekday_contribution"
      + "Interests: it's_contribution"
      + "Interests: web site_contribution" AS "lead_score"
  FROM "contributions"
), "log_odds" AS (
  SELECT
    "Id",
    "lead_score",
    CAST('-5.0000000000000000e-01' AS DOUBLE)
      + (CAST('3.0000000000000000e+00' AS DOUBLE) * "lead_score") AS "log_odds"
  FROM "lead_scores"
), "odds" AS (
  SELECT
    "Id",
    "lead_score",
    "log_odds",
    CASE
      WHEN "log_odds" BETWEEN CAST('-7.0800000000000000e+02' AS DOUBLE) AND CAST('7.0800000000000000e+02' AS DOUBLE)
      THEN EXP("log_odds")
      WHEN "log_odds" > CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('1.0000000000000000e+100' AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS "odds"
  FROM "log_odds"
)
SELECT
  "Id",
  "lead_score",
  "log_odds",
  "odds" / (CAST('1.0000000000000000e+00' AS DOUBLE) + "odds") AS "probability"
FROM "odds"
