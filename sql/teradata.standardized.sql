/* leadweights logistic_regression, model 0a43124cc0f8, standardized
  engagement_rate_30d  a number
  fatigue_score        a number
  mms_affinity         a number
  opt_out_risk         a number
  recency_days         a number
  reply_rate_90d       a number
  sentiment_score      a number */
WITH "inputs" AS (
  SELECT
    "contact_id",
    CASE
      WHEN CAST("engagement_rate_30d" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("engagement_rate_30d" AS DOUBLE PRECISION)
      ELSE CAST('4.5319999999999999e-01' AS DOUBLE PRECISION)
    END AS "engagement_rate_30d_input",
    CASE
      WHEN CAST("fatigue_score" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("fatigue_score" AS DOUBLE PRECISION)
      ELSE CAST('3.8574999999999998e-01' AS DOUBLE PRECISION)
    END AS "fatigue_score_input",
    CASE
      WHEN CAST("mms_affinity" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("mms_affinity" AS DOUBLE PRECISION)
      ELSE CAST('4.3714999999999998e-01' AS DOUBLE PRECISION)
    END AS "mms_affinity_input",
    CASE
      WHEN CAST("opt_out_risk" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("opt_out_risk" AS DOUBLE PRECISION)
      ELSE CAST('1.6225000000000001e-01' AS DOUBLE PRECISION)
    END AS "opt_out_risk_input",
    CASE
      WHEN CAST("recency_days" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("recency_days" AS DOUBLE PRECISION)
      ELSE CAST('3.0000000000000000e+01' AS DOUBLE PRECISION)
    END AS "recency_days_input",
    CASE
      WHEN CAST("reply_rate_90d" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("reply_rate_90d" AS DOUBLE PRECISION)
      ELSE CAST('2.6105000000000000e-01' AS DOUBLE PRECISION)
    END AS "reply_rate_90d_input",
    CASE
      WHEN CAST("sentiment_score" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("sentiment_score" AS DOUBLE PRECISION)
      ELSE CAST('1.6500000000000000e-03' AS DOUBLE PRECISION)
    END AS "sentiment_score_input"
  FROM "leads"
), "contributions" AS (
  SELECT
    "contact_id",
    ("engagement_rate_30d_input" - CAST('4.5471317140000000e-01' AS DOUBLE PRECISION)) * CAST('8.4447471879538216e-01' AS DOUBLE PRECISION) AS "engagement_rate_30d_contribution", /* mean 0.4547, std 0.2006, weight 0.1694 */
    ("fatigue_score_input" - CAST('3.9907211430000000e-01' AS DOUBLE PRECISION)) * CAST('-3.9784518586748940e-01' AS DOUBLE PRECISION) AS "fatigue_score_contribution", /* mean 0.3991, std 0.1995, weight -0.07937 */
    ("mms_affinity_input" - CAST('4.4615457139999998e-01' AS DOUBLE PRECISION)) * CAST('3.2900325747502690e-01' AS DOUBLE PRECISION) AS "mms_affinity_contribution", /* mean 0.4462, std 0.2, weight 0.06581 */
    ("opt_out_risk_input" - CAST('1.8873537139999999e-01' AS DOUBLE PRECISION)) * CAST('-7.2267705095170487e-01' AS DOUBLE PRECISION) AS "opt_out_risk_contribution", /* mean 0.1887, std 0.129, weight -0.09321 */
    ("recency_days_input" - CAST('3.0002285709999999e+01' AS DOUBLE PRECISION)) * CAST('-1.5080972939572231e-02' AS DOUBLE PRECISION) AS "recency_days_contribution", /* mean 30, std 17.6, weight -0.2655 */
    ("reply_rate_90d_input" - CAST('2.8348651429999999e-01' AS DOUBLE PRECISION)) * CAST('4.1020747548541731e-01' AS DOUBLE PRECISION) AS "reply_rate_90d_contribution", /* mean 0.2835, std 0.1738, weight 0.07131 */
    ("sentiment_score_input" - CAST('-3.9478571000000004e-03' AS DOUBLE PRECISION)) * CAST('3.2229541483409380e-01' AS DOUBLE PRECISION) AS "sentiment_score_contribution" /* mean -0.003948, std 0.7924, weight 0.2554 */
  FROM "inputs"
), "lead_scores" AS (
  SELECT
    "contact_id",
    "engagement_rate_30d_contribution"
      + "fatigue_score_contribution"
      + "mms_affinity_contribution"
      + "opt_out_risk_contribution"
      + "recency_days_contribution"
      + "reply_rate_90d_contribution"
      + "sentiment_score_contribution" AS "lead_score"
  FROM "contributions"
), "log_odds" AS (
  SELECT
    "contact_id",
    "lead_score",
    CAST('-4.8967933299999999e-01' AS DOUBLE PRECISION)
      + (CAST('3.2625833759999998e+00' AS DOUBLE PRECISION) * "lead_score") AS "log_odds"
  FROM "lead_scores"
), "odds" AS (
  SELECT
    "contact_id",
    "lead_score",
    "log_odds",
    CASE
      WHEN "log_odds" BETWEEN CAST('-7.0800000000000000e+02' AS DOUBLE PRECISION) AND CAST('7.0800000000000000e+02' AS DOUBLE PRECISION)
      THEN EXP("log_odds")
      WHEN "log_odds" > CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
    END AS "odds"
  FROM "log_odds"
)
SELECT
  "contact_id",
  "lead_score",
  "log_odds",
  "odds" / (CAST('1.0000000000000000e+00' AS DOUBLE PRECISION) + "odds") AS "probability"
FROM "odds"
