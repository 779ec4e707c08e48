/* leadweights scorecard, model 8f7ded97d90c, standardized
  income  a number
  visits  a number */
WITH "inputs" AS (
  SELECT
    "id",
    CASE
      WHEN CAST("income" AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("income" AS DOUBLE)
      ELSE 3.0000000000000000e+04
    END AS "income_input",
    CASE
      WHEN CAST("visits" AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("visits" AS DOUBLE)
      ELSE 2.0000000000000000e+00
    END AS "visits_input"
  FROM "leads"
), "contributions" AS (
  SELECT
    "id",
    CASE
      WHEN "income_input" >= 4.5000000000000000e+04
      THEN 1.0000000000000000e+00
      WHEN "income_input" >= 2.0000000000000000e+04
      THEN 2.5000000000000000e-01
      WHEN "income_input" < 2.0000000000000000e+04
      THEN (-5.0000000000000000e-01)
    END AS "income_contribution", /* 3 bins, weight 0.75 */
    ("visits_input" - 2.0000000000000000e+01) * (-1.2500000000000001e-02) AS "visits_contribution" /* range 0 to 20, weight -0.25 */
  FROM "inputs"
), "lead_scores" AS (
  SELECT
    "id",
    "income_contribution" + "visits_contribution" AS "lead_score"
  FROM "contributions"
), "log_odds" AS (
  SELECT
    "id",
    "lead_score",
    (-5.0000000000000000e-01) + (3.0000000000000000e+00 * "lead_score") AS "log_odds"
  FROM "lead_scores"
), "odds" AS (
  SELECT
    "id",
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
  "id",
  "lead_score",
  "log_odds",
  "odds" / (1.0000000000000000e+00 + "odds") AS "probability"
FROM "odds"
