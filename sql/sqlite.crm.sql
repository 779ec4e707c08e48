/* leadweights crm, model 87f009f951c6, standardized
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
    TRIM(CAST("Source" AS TEXT), ' ') AS "Source_input",
    CASE
      WHEN CAST("Do Not Call" AS TEXT) COLLATE BINARY = 'Yes'
      THEN 1.0000000000000000e+00
      WHEN CAST("Do Not Call" AS TEXT) COLLATE BINARY = 'No'
      THEN 0.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END AS "Do Not Call_input",
    CASE
      WHEN CAST(CAST("Opted In" AS INTEGER) AS REAL) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(CAST("Opted In" AS INTEGER) AS REAL)
      ELSE 1.0000000000000000e+00
    END AS "Opted In_input",
    CAST(CAST(STRFTIME('%m', DATE("Created")) AS INTEGER) AS REAL) AS "Created month_input",
    CASE
      WHEN (CAST(CAST((JULIANDAY(DATE("Exported")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL) - CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)) BETWEEN 0.0000000000000000e+00 AND 3.6500000000000000e+02
      THEN CAST(CAST((JULIANDAY(DATE("Exported")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL) - CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)
      WHEN (CAST(CAST((JULIANDAY(DATE("Exported")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL) - CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)) BETWEEN (-1.0000000000000000e+100) AND 0.0000000000000000e+00
      THEN 0.0000000000000000e+00
      WHEN (CAST(CAST((JULIANDAY(DATE("Exported")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL) - CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)) BETWEEN 3.6500000000000000e+02 AND 1.0000000000000000e+100
      THEN 3.6500000000000000e+02
      ELSE 3.0000000000000000e+01
    END AS "Age_input",
    CASE
      WHEN (2.0634000000000000e+04 - CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN 2.0634000000000000e+04 - CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)
      ELSE 7.0000000000000000e+00
    END AS "Days Open_input",
    CASE
      WHEN CASE
        WHEN TYPEOF("Revenue") IN ('integer', 'real')
        THEN CASE
          WHEN "Revenue" = 0 OR ABS("Revenue") BETWEEN 1.0000000000000000e-99 AND 9.9999999999999982e+99
          THEN CAST("Revenue" AS REAL)
        END
        ELSE (
          WITH "part_0" AS MATERIALIZED (
            SELECT
              TRIM(CAST("Revenue" AS TEXT), ' ') AS "written"
          ), "part_1" AS MATERIALIZED (
            SELECT
              "written" AS "written",
              TRIM("written", ' +-') AS "core"
            FROM "part_0"
          ), "part_2" AS MATERIALIZED (
            SELECT
              "core" AS "core",
              REPLACE("written", "core", 'n') AS "frame",
              REPLACE("core", 'E', 'e') AS "plain"
            FROM "part_1"
          ), "part_3" AS MATERIALIZED (
            SELECT
              "core" AS "core",
              "frame" AS "frame",
              SUBSTRING("plain", 1, INSTR("plain" || 'e', 'e') - 1) AS "mantissa",
              SUBSTRING("plain", INSTR("plain" || 'e', 'e'), 9) AS "power"
            FROM "part_2"
          ), "part_4" AS MATERIALIZED (
            SELECT
              LTRIM(REPLACE("mantissa", '.', ''), '0') AS "digits",
              CAST(SUBSTRING("power", 2, 9) AS INTEGER) - LENGTH(SUBSTRING("mantissa", INSTR("mantissa" || '.', '.') + 1, 99)) AS "tens",
              CASE
                WHEN "frame" IN ('n', '+n', '-n', '#n', '#+n', '#-n')
                AND (INSTR("core", CHAR(0)) = 0
                AND "mantissa" GLOB '*[0-9]*'
                AND NOT "mantissa" GLOB '*[^0-9.]*'
                AND NOT "mantissa" GLOB '*.*.*'
                AND INSTR("mantissa" || '.', '.') <= 41
                AND LENGTH(SUBSTRING("mantissa", INSTR("mantissa" || '.', '.') + 1, 99)) <= 40
                AND ("power" = ''
                OR "power" GLOB 'e[0-9]'
                OR "power" GLOB 'e[0-9][0-9]'
                OR "power" GLOB 'e[+-][0-9]'
                OR "power" GLOB 'e[+-][0-9][0-9]'))
                THEN "frame"
              END AS "frame"
            FROM "part_3"
          ), "part_5" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              RTRIM("digits", '0') AS "short",
              "tens" + LENGTH("digits") - LENGTH(RTRIM("digits", '0')) AS "tens"
            FROM "part_4"
          ), "part_6" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "short" AS "short",
              "tens" AS "tens",
              CASE WHEN "tens" BETWEEN 1 AND 18 - LENGTH("short") THEN "tens" ELSE 0 END AS "filled"
            FROM "part_5"
          ), "part_7" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              SUBSTRING("short" || '000000000000000000', 1, LENGTH("short") + "filled") AS "known",
              "tens" - "filled" AS "shift",
              CASE WHEN ABS("tens" - "filled") > 11 THEN 11 ELSE 0 END AS "over"
            FROM "part_6"
          ), "part_8" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              CAST("known" AS INTEGER) AS "whole",
              CAST(CAST("known" AS INTEGER) AS REAL) AS "near",
              CAST(CAST(SUBSTRING('100000000000', 1, 1 + ABS("shift") - "over") AS INTEGER) AS REAL) * CASE WHEN "over" > 0 THEN 1.0000000000000000e+11 ELSE 1.0000000000000000e+00 END AS "ten"
            FROM "part_7"
          ), "part_9" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              "near" AS "near",
              "ten" AS "ten",
              "near" / "ten" AS "ratio",
              CAST("whole" - CAST("near" AS INTEGER) AS REAL) AS "rest"
            FROM "part_8"
          ), "part_10" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              "near" AS "near",
              "ten" AS "ten",
              "ratio" AS "ratio",
              "rest" AS "rest",
              "ratio" * "ten" AS "product",
              ("ratio" * 1.3421772900000000e+08) - (("ratio" * 1.3421772900000000e+08) - "ratio") AS "high",
              ("ten" * 1.3421772900000000e+08) - (("ten" * 1.3421772900000000e+08) - "ten") AS "ten_high"
            FROM "part_9"
          ), "part_11" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              "near" AS "near",
              "ten" AS "ten",
              "ratio" AS "ratio",
              "rest" AS "rest",
              "product" AS "product",
              (((("high" * "ten_high") - "product") + ("high" * ("ten" - "ten_high")))
                  + (("ratio" - "high") * "ten_high"))
                + (("ratio" - "high") * ("ten" - "ten_high")) AS "error"
            FROM "part_10"
          ), "part_12" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              CASE
                WHEN "shift" > 0
                THEN "near" * "ten"
                ELSE "ratio" + (((("near" - "product") - "error") + "rest") / "ten")
              END AS "value"
            FROM "part_11"
          )
          SELECT
            CASE
              WHEN "frame" IS NULL
              THEN NULL
              WHEN "known" = ''
              OR ("shift" BETWEEN -22 AND 0 AND LENGTH("known") <= 18)
              OR ("shift" BETWEEN 1 AND 22 AND LENGTH("known") <= 15)
              THEN CASE
                WHEN "frame" GLOB 'n-*'
                THEN 0.0000000000000000e+00 - "value"
                WHEN "frame" GLOB '*[-(]*'
                THEN "value" * -1.0000000000000000e+00
                ELSE "value"
              END
              ELSE JSON_EXTRACT('[]', 'not read exactly, too many digits: ' || "known")
            END
          FROM "part_12"
        )
      END BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CASE
        WHEN TYPEOF("Revenue") IN ('integer', 'real')
        THEN CASE
          WHEN "Revenue" = 0 OR ABS("Revenue") BETWEEN 1.0000000000000000e-99 AND 9.9999999999999982e+99
          THEN CAST("Revenue" AS REAL)
        END
        ELSE (
          WITH "part_0" AS MATERIALIZED (
            SELECT
              TRIM(CAST("Revenue" AS TEXT), ' ') AS "written"
          ), "part_1" AS MATERIALIZED (
            SELECT
              "written" AS "written",
              TRIM("written", ' +-') AS "core"
            FROM "part_0"
          ), "part_2" AS MATERIALIZED (
            SELECT
              "core" AS "core",
              REPLACE("written", "core", 'n') AS "frame",
              REPLACE("core", 'E', 'e') AS "plain"
            FROM "part_1"
          ), "part_3" AS MATERIALIZED (
            SELECT
              "core" AS "core",
              "frame" AS "frame",
              SUBSTRING("plain", 1, INSTR("plain" || 'e', 'e') - 1) AS "mantissa",
              SUBSTRING("plain", INSTR("plain" || 'e', 'e'), 9) AS "power"
            FROM "part_2"
          ), "part_4" AS MATERIALIZED (
            SELECT
              LTRIM(REPLACE("mantissa", '.', ''), '0') AS "digits",
              CAST(SUBSTRING("power", 2, 9) AS INTEGER) - LENGTH(SUBSTRING("mantissa", INSTR("mantissa" || '.', '.') + 1, 99)) AS "tens",
              CASE
                WHEN "frame" IN ('n', '+n', '-n', '#n', '#+n', '#-n')
                AND (INSTR("core", CHAR(0)) = 0
                AND "mantissa" GLOB '*[0-9]*'
                AND NOT "mantissa" GLOB '*[^0-9.]*'
                AND NOT "mantissa" GLOB '*.*.*'
                AND INSTR("mantissa" || '.', '.') <= 41
                AND LENGTH(SUBSTRING("mantissa", INSTR("mantissa" || '.', '.') + 1, 99)) <= 40
                AND ("power" = ''
                OR "power" GLOB 'e[0-9]'
                OR "power" GLOB 'e[0-9][0-9]'
                OR "power" GLOB 'e[+-][0-9]'
                OR "power" GLOB 'e[+-][0-9][0-9]'))
                THEN "frame"
              END AS "frame"
            FROM "part_3"
          ), "part_5" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              RTRIM("digits", '0') AS "short",
              "tens" + LENGTH("digits") - LENGTH(RTRIM("digits", '0')) AS "tens"
            FROM "part_4"
          ), "part_6" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "short" AS "short",
              "tens" AS "tens",
              CASE WHEN "tens" BETWEEN 1 AND 18 - LENGTH("short") THEN "tens" ELSE 0 END AS "filled"
            FROM "part_5"
          ), "part_7" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              SUBSTRING("short" || '000000000000000000', 1, LENGTH("short") + "filled") AS "known",
              "tens" - "filled" AS "shift",
              CASE WHEN ABS("tens" - "filled") > 11 THEN 11 ELSE 0 END AS "over"
            FROM "part_6"
          ), "part_8" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              CAST("known" AS INTEGER) AS "whole",
              CAST(CAST("known" AS INTEGER) AS REAL) AS "near",
              CAST(CAST(SUBSTRING('100000000000', 1, 1 + ABS("shift") - "over") AS INTEGER) AS REAL) * CASE WHEN "over" > 0 THEN 1.0000000000000000e+11 ELSE 1.0000000000000000e+00 END AS "ten"
            FROM "part_7"
          ), "part_9" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              "near" AS "near",
              "ten" AS "ten",
              "near" / "ten" AS "ratio",
              CAST("whole" - CAST("near" AS INTEGER) AS REAL) AS "rest"
            FROM "part_8"
          ), "part_10" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              "near" AS "near",
              "ten" AS "ten",
              "ratio" AS "ratio",
              "rest" AS "rest",
              "ratio" * "ten" AS "product",
              ("ratio" * 1.3421772900000000e+08) - (("ratio" * 1.3421772900000000e+08) - "ratio") AS "high",
              ("ten" * 1.3421772900000000e+08) - (("ten" * 1.3421772900000000e+08) - "ten") AS "ten_high"
            FROM "part_9"
          ), "part_11" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              "near" AS "near",
              "ten" AS "ten",
              "ratio" AS "ratio",
              "rest" AS "rest",
              "product" AS "product",
              (((("high" * "ten_high") - "product") + ("high" * ("ten" - "ten_high")))
                  + (("ratio" - "high") * "ten_high"))
                + (("ratio" - "high") * ("ten" - "ten_high")) AS "error"
            FROM "part_10"
          ), "part_12" AS MATERIALIZED (
            SELECT
              "frame" AS "frame",
              "known" AS "known",
              "shift" AS "shift",
              CASE
                WHEN "shift" > 0
                THEN "near" * "ten"
                ELSE "ratio" + (((("near" - "product") - "error") + "rest") / "ten")
              END AS "value"
            FROM "part_11"
          )
          SELECT
            CASE
              WHEN "frame" IS NULL
              THEN NULL
              WHEN "known" = ''
              OR ("shift" BETWEEN -22 AND 0 AND LENGTH("known") <= 18)
              OR ("shift" BETWEEN 1 AND 22 AND LENGTH("known") <= 15)
              THEN CASE
                WHEN "frame" GLOB 'n-*'
                THEN 0.0000000000000000e+00 - "value"
                WHEN "frame" GLOB '*[-(]*'
                THEN "value" * -1.0000000000000000e+00
                ELSE "value"
              END
              ELSE JSON_EXTRACT('[]', 'not read exactly, too many digits: ' || "known")
            END
          FROM "part_12"
        )
      END
      ELSE 0.0000000000000000e+00
    END AS "Revenue_input",
    CASE
      WHEN CAST("Visits" AS REAL) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN CASE
        WHEN CAST("Source" AS TEXT) COLLATE BINARY = 'google'
        THEN 2.0000000000000000e+00
        WHEN CAST("Source" AS TEXT) COLLATE BINARY = 'it''s'
        THEN 5.0000000000000000e+00
        ELSE 3.0000000000000000e+00
      END
      WHEN CAST("Visits" AS REAL) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("Visits" AS REAL)
      ELSE CASE
        WHEN CAST("Source" AS TEXT) COLLATE BINARY = 'google'
        THEN 2.0000000000000000e+00
        WHEN CAST("Source" AS TEXT) COLLATE BINARY = 'it''s'
        THEN 5.0000000000000000e+00
        ELSE 3.0000000000000000e+00
      END
    END AS "Visits_input",
    CASE
      WHEN CAST("Visits" AS REAL) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN 1.0000000000000000e+00
      WHEN CAST("Visits" AS REAL) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN 0.0000000000000000e+00
      ELSE 1.0000000000000000e+00
    END AS "Visits is missing_input",
    (CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)
      + 3.0000000000000000e+00) - (7.0000000000000000e+00 * FLOOR(
      (CAST(CAST((JULIANDAY(DATE("Created")) - JULIANDAY(DATE('1970-01-01'))) AS INTEGER) AS REAL)
        + 3.0000000000000000e+00) / 7.0000000000000000e+00
    )) AS "Created weekday_input",
    REPLACE(CAST("Interests" AS TEXT), ' ', '') AS "Interests_list"
  FROM "leads"
), "contributions" AS (
  SELECT
    "Id",
    CASE
      WHEN "Source_input" IS NULL
      THEN (-2.0000000000000001e-01)
      WHEN "Source_input" COLLATE BINARY = 'google'
      THEN 1.0000000000000001e-01
      WHEN "Source_input" COLLATE BINARY = 'café ☕'
      THEN 2.5000000000000000e-01
      WHEN "Source_input" COLLATE BINARY = '' OR "Source_input" COLLATE BINARY = 'Select'
      THEN (-2.0000000000000001e-01)
      ELSE (-1.0000000000000001e-01)
    END AS "Source_contribution", /* 2 levels, weight 0.1 */
    ("Do Not Call_input" - 1.0000000000000001e-01) * (-1.6666666666666669e-01) AS "Do Not Call_contribution", /* mean 0.1, std 0.3, weight -0.05 */
    ("Opted In_input" - 9.0000000000000002e-01) * 1.6666666666666669e-01 AS "Opted In_contribution", /* mean 0.9, std 0.3, weight 0.05 */
    CASE
      WHEN "Created month_input" BETWEEN 1.2000000000000000e+01 AND 1.2000000000000000e+01
      THEN 2.9999999999999999e-01
      WHEN "Created month_input" BETWEEN (-1.2000000000000000e+01) AND 1.2000000000000000e+01
      THEN (-1.0000000000000001e-01)
      ELSE (-2.0000000000000001e-01)
    END AS "Created month_contribution", /* 1 levels, weight 0.1 */
    ("Age_input" - 3.0000000000000000e+01) * (-5.0000000000000001e-03) AS "Age_contribution", /* mean 30, std 20, weight -0.1 */
    (CASE
      WHEN "Days Open_input" >= 0.0000000000000000e+00
      THEN LN(1.0000000000000000e+00 + "Days Open_input")
      ELSE 0.0000000000000000e+00 - LN(1.0000000000000000e+00 - "Days Open_input")
    END - 2.0000000000000000e+00) * (-6.6666666666666666e-02) AS "Days Open_contribution", /* mean 2, std 1.5, weight -0.1 */
    ("Revenue_input" - 1.0000000000000000e+03) * 4.0000000000000002e-04 AS "Revenue_contribution", /* mean 1000, std 250, weight 0.1 */
    CASE
      WHEN "Visits_input" >= 1.0000000000000000e+01
      THEN 2.0000000000000001e-01
      WHEN "Visits_input" >= 2.0000000000000000e+00
      THEN 1.0000000000000001e-01 + (("Visits_input" - 2.0000000000000000e+00) * 1.2500000000000001e-02)
      WHEN "Visits_input" >= 0.0000000000000000e+00
      THEN (-2.9999999999999999e-01) + (("Visits_input" - 0.0000000000000000e+00) * 2.0000000000000001e-01)
      ELSE (-2.9999999999999999e-01)
    END AS "Visits_contribution", /* a curve of 3 points, weight 0.1 */
    ("Visits is missing_input" - 1.0000000000000001e-01) * (-3.3333333333333337e-01) AS "Visits is missing_contribution", /* mean 0.1, std 0.3, weight -0.1 */
    CASE
      WHEN "Created weekday_input" BETWEEN 0.0000000000000000e+00 AND 0.0000000000000000e+00
      THEN 2.0000000000000001e-01
      WHEN "Created weekday_input" BETWEEN (-1.2000000000000000e+01) AND 1.2000000000000000e+01
      THEN (-1.0000000000000001e-01)
      ELSE (-2.0000000000000001e-01)
    END AS "Created weekday_contribution", /* 1 levels, weight 0.1 */
    (CASE
      WHEN INSTR(';' || "Interests_list" || ';', ';it''s;') > 0
      THEN 1.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END - 2.0000000000000001e-01) * 1.2500000000000000e-01 AS "Interests: it's_contribution", /* mean 0.2, std 0.4, weight 0.05 */
    (CASE
      WHEN INSTR(';' || "Interests_list" || ';', ';website;') > 0
      THEN 1.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END - 1.0000000000000001e-01) * (-1.6666666666666669e-01) AS "Interests: web site_contribution" /* mean 0.1, std 0.3, weight -0.05 */
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
    (-5.0000000000000000e-01) + (3.0000000000000000e+00 * "lead_score") AS "log_odds"
  FROM "lead_scores"
), "odds" AS (
  SELECT
    "Id",
    "lead_score",
    "log_odds",
    CASE
      WHEN "log_odds" BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP("log_odds")
      WHEN "log_odds" > 0.0000000000000000e+00
      THEN 1.0000000000000000e+100
      ELSE 0.0000000000000000e+00
    END AS "odds"
  FROM "log_odds"
)
SELECT
  "Id",
  "lead_score",
  "log_odds",
  "odds" / (1.0000000000000000e+00 + "odds") AS "probability"
FROM "odds"
