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
    LOWER(TRIM(' ' FROM CAST("Source" AS VARCHAR2(4000)))) AS "Source_input",
    CASE
      WHEN CAST("Do Not Call" AS VARCHAR2(4000)) = 'Yes'
      THEN 1.0000000000000000e+00d
      WHEN CAST("Do Not Call" AS VARCHAR2(4000)) = 'No'
      THEN 0.0000000000000000e+00d
      ELSE 0.0000000000000000e+00d
    END AS "Do Not Call_input",
    CASE
      WHEN CAST(CAST("Opted In" AS INT) AS BINARY_DOUBLE) BETWEEN (-1.0000000000000000e+100d) AND 1.0000000000000000e+100d
      THEN CAST(CAST("Opted In" AS INT) AS BINARY_DOUBLE)
      ELSE 1.0000000000000000e+00d
    END AS "Opted In_input",
    CAST(EXTRACT(MONTH FROM CAST("Created" AS DATE)) AS BINARY_DOUBLE) AS "Created month_input",
    CASE
      WHEN (CAST((TRUNC(CAST("Exported" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE) - CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)) BETWEEN 0.0000000000000000e+00d AND 3.6500000000000000e+02d
      THEN CAST((TRUNC(CAST("Exported" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE) - CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)
      WHEN (CAST((TRUNC(CAST("Exported" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE) - CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)) BETWEEN (-1.0000000000000000e+100d) AND 0.0000000000000000e+00d
      THEN 0.0000000000000000e+00d
      WHEN (CAST((TRUNC(CAST("Exported" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE) - CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)) BETWEEN 3.6500000000000000e+02d AND 1.0000000000000000e+100d
      THEN 3.6500000000000000e+02d
      ELSE 3.0000000000000000e+01d
    END AS "Age_input",
    CASE
      WHEN (2.0634000000000000e+04d - CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)) BETWEEN (-1.0000000000000000e+100d) AND 1.0000000000000000e+100d
      THEN 2.0634000000000000e+04d - CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)
      ELSE 7.0000000000000000e+00d
    END AS "Days Open_input",
    CASE
      WHEN CASE
        WHEN REGEXP_LIKE(
          CAST("Revenue" AS VARCHAR2(4000)),
          '^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *$'
        )
        THEN CAST(TRIM(' ' FROM CAST("Revenue" AS VARCHAR2(4000))) AS BINARY_DOUBLE)
      END BETWEEN (-1.0000000000000000e+100d) AND 1.0000000000000000e+100d
      THEN CASE
        WHEN REGEXP_LIKE(
          CAST("Revenue" AS VARCHAR2(4000)),
          '^ *[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})([eE][+-]?[0-9]{1,2})? *$'
        )
        THEN CAST(TRIM(' ' FROM CAST("Revenue" AS VARCHAR2(4000))) AS BINARY_DOUBLE)
      END
      ELSE 0.0000000000000000e+00d
    END AS "Revenue_input",
    CASE
      WHEN CAST("Visits" AS BINARY_DOUBLE) BETWEEN 9.9900000000000000e+02d AND 9.9900000000000000e+02d
      THEN CASE
        WHEN CAST("Source" AS VARCHAR2(4000)) = 'google'
        THEN 2.0000000000000000e+00d
        WHEN CAST("Source" AS VARCHAR2(4000)) = 'it''s'
        THEN 5.0000000000000000e+00d
        ELSE 3.0000000000000000e+00d
      END
      WHEN CAST("Visits" AS BINARY_DOUBLE) BETWEEN (-1.0000000000000000e+100d) AND 1.0000000000000000e+100d
      THEN CAST("Visits" AS BINARY_DOUBLE)
      ELSE CASE
        WHEN CAST("Source" AS VARCHAR2(4000)) = 'google'
        THEN 2.0000000000000000e+00d
        WHEN CAST("Source" AS VARCHAR2(4000)) = 'it''s'
        THEN 5.0000000000000000e+00d
        ELSE 3.0000000000000000e+00d
      END
    END AS "Visits_input",
    CASE
      WHEN CAST("Visits" AS BINARY_DOUBLE) BETWEEN 9.9900000000000000e+02d AND 9.9900000000000000e+02d
      THEN 1.0000000000000000e+00d
      WHEN CAST("Visits" AS BINARY_DOUBLE) BETWEEN (-1.0000000000000000e+100d) AND 1.0000000000000000e+100d
      THEN 0.0000000000000000e+00d
      ELSE 1.0000000000000000e+00d
    END AS "Visits is missing_input",
    (CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)
      + 3.0000000000000000e+00d) - (7.0000000000000000e+00d * FLOOR(
      (CAST((TRUNC(CAST("Created" AS DATE)) - TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS BINARY_DOUBLE)
        + 3.0000000000000000e+00d) / 7.0000000000000000e+00d
    )) AS "Created weekday_input",
    REPLACE(CAST("Interests" AS VARCHAR2(4000)), ' ', '') AS "Interests_list"
  FROM "leads"
), "contributions" AS (
  SELECT
    "Id",
    CASE
      WHEN "Source_input" IS NULL
      THEN (-2.0000000000000001e-01d)
      WHEN "Source_input" = 'google'
      THEN 1.0000000000000001e-01d
      WHEN "Source_input" = 'café ☕'
      THEN 2.5000000000000000e-01d
      WHEN "Source_input" = '' OR "Source_input" = 'Select'
      THEN (-2.0000000000000001e-01d)
      ELSE (-1.0000000000000001e-01d)
    END AS "Source_contribution", /* 2 levels, weight 0.1 */
    ("Do Not Call_input" - 1.0000000000000001e-01d) * (-1.6666666666666669e-01d) AS "Do Not Call_contribution", /* mean 0.1, std 0.3, weight -0.05 */
    ("Opted In_input" - 9.0000000000000002e-01d) * 1.6666666666666669e-01d AS "Opted In_contribution", /* mean 0.9, std 0.3, weight 0.05 */
    CASE
      WHEN "Created month_input" BETWEEN 1.2000000000000000e+01d AND 1.2000000000000000e+01d
      THEN 2.9999999999999999e-01d
      WHEN "Created month_input" BETWEEN (-1.2000000000000000e+01d) AND 1.2000000000000000e+01d
      THEN (-1.0000000000000001e-01d)
      ELSE (-2.0000000000000001e-01d)
    END AS "Created month_contribution", /* 1 levels, weight 0.1 */
    ("Age_input" - 3.0000000000000000e+01d) * (-5.0000000000000001e-03d) AS "Age_contribution", /* mean 30, std 20, weight -0.1 */
    (CASE
      WHEN "Days Open_input" >= 0.0000000000000000e+00d
      THEN LN(1.0000000000000000e+00d + "Days Open_input")
      ELSE 0.0000000000000000e+00d - LN(1.0000000000000000e+00d - "Days Open_input")
    END - 2.0000000000000000e+00d) * (-6.6666666666666666e-02d) AS "Days Open_contribution", /* mean 2, std 1.5, weight -0.1 */
    ("Revenue_input" - 1.0000000000000000e+03d) * 4.0000000000000002e-04d AS "Revenue_contribution", /* mean 1000, std 250, weight 0.1 */
    CASE
      WHEN "Visits_input" >= 1.0000000000000000e+01d
      THEN 2.0000000000000001e-01d
      WHEN "Visits_input" >= 2.0000000000000000e+00d
      THEN 1.0000000000000001e-01d + (("Visits_input" - 2.0000000000000000e+00d) * 1.2500000000000001e-02d)
      WHEN "Visits_input" >= 0.0000000000000000e+00d
      THEN (-2.9999999999999999e-01d) + (("Visits_input" - 0.0000000000000000e+00d) * 2.0000000000000001e-01d)
      ELSE (-2.9999999999999999e-01d)
    END AS "Visits_contribution", /* a curve of 3 points, weight 0.1 */
    ("Visits is missing_input" - 1.0000000000000001e-01d) * (-3.3333333333333337e-01d) AS "Visits is missing_contribution", /* mean 0.1, std 0.3, weight -0.1 */
    CASE
      WHEN "Created weekday_input" BETWEEN 0.0000000000000000e+00d AND 0.0000000000000000e+00d
      THEN 2.0000000000000001e-01d
      WHEN "Created weekday_input" BETWEEN (-1.2000000000000000e+01d) AND 1.2000000000000000e+01d
      THEN (-1.0000000000000001e-01d)
      ELSE (-2.0000000000000001e-01d)
    END AS "Created weekday_contribution", /* 1 levels, weight 0.1 */
    (CASE
      WHEN INSTR(CONCAT(CONCAT(';', "Interests_list"), ';'), ';it''s;') > 0
      THEN 1.0000000000000000e+00d
      ELSE 0.0000000000000000e+00d
    END - 2.0000000000000001e-01d) * 1.2500000000000000e-01d AS "Interests: it's_contribution", /* mean 0.2, std 0.4, weight 0.05 */
    (CASE
      WHEN INSTR(CONCAT(CONCAT(';', "Interests_list"), ';'), ';website;') > 0
      THEN 1.0000000000000000e+00d
      ELSE 0.0000000000000000e+00d
    END - 1.0000000000000001e-01d) * (-1.6666666666666669e-01d) AS "Interests: web site_contribution" /* mean 0.1, std 0.3, weight -0.05 */
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
    (-5.0000000000000000e-01d) + (3.0000000000000000e+00d * "lead_score") AS "log_odds"
  FROM "lead_scores"
), "odds" AS (
  SELECT
    "Id",
    "lead_score",
    "log_odds",
    CASE
      WHEN "log_odds" BETWEEN (-7.0800000000000000e+02d) AND 7.0800000000000000e+02d
      THEN EXP("log_odds")
      WHEN "log_odds" > 0.0000000000000000e+00d
      THEN 1.0000000000000000e+100d
      ELSE 0.0000000000000000e+00d
    END AS "odds"
  FROM "log_odds"
)
SELECT
  "Id",
  "lead_score",
  "log_odds",
  "odds" / (1.0000000000000000e+00d + "odds") AS "probability"
FROM "odds"
