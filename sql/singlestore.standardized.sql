/* leadweights logistic_regression, model 0a43124cc0f8, standardized
  engagement_rate_30d  a number
  fatigue_score        a number
  mms_affinity         a number
  opt_out_risk         a number
  recency_days         a number
  reply_rate_90d       a number
  sentiment_score      a number */
WITH `inputs` AS (
  SELECT
    `contact_id`,
    CASE
      WHEN (`engagement_rate_30d` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`engagement_rate_30d` :> DOUBLE)
      ELSE 4.5319999999999999e-01
    END AS `engagement_rate_30d_input`,
    CASE
      WHEN (`fatigue_score` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`fatigue_score` :> DOUBLE)
      ELSE 3.8574999999999998e-01
    END AS `fatigue_score_input`,
    CASE
      WHEN (`mms_affinity` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`mms_affinity` :> DOUBLE)
      ELSE 4.3714999999999998e-01
    END AS `mms_affinity_input`,
    CASE
      WHEN (`opt_out_risk` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`opt_out_risk` :> DOUBLE)
      ELSE 1.6225000000000001e-01
    END AS `opt_out_risk_input`,
    CASE
      WHEN (`recency_days` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`recency_days` :> DOUBLE)
      ELSE 3.0000000000000000e+01
    END AS `recency_days_input`,
    CASE
      WHEN (`reply_rate_90d` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`reply_rate_90d` :> DOUBLE)
      ELSE 2.6105000000000000e-01
    END AS `reply_rate_90d_input`,
    CASE
      WHEN (`sentiment_score` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`sentiment_score` :> DOUBLE)
      ELSE 1.6500000000000000e-03
    END AS `sentiment_score_input`
  FROM `leads`
), `contributions` AS (
  SELECT
    `contact_id`,
    (`engagement_rate_30d_input` - 4.5471317140000000e-01) * 8.4447471879538216e-01 AS `engagement_rate_30d_contribution`, /* mean 0.4547, std 0.2006, weight 0.1694 */
    (`fatigue_score_input` - 3.9907211430000000e-01) * (-3.9784518586748940e-01) AS `fatigue_score_contribution`, /* mean 0.3991, std 0.1995, weight -0.07937 */
    (`mms_affinity_input` - 4.4615457139999998e-01) * 3.2900325747502690e-01 AS `mms_affinity_contribution`, /* mean 0.4462, std 0.2, weight 0.06581 */
    (`opt_out_risk_input` - 1.8873537139999999e-01) * (-7.2267705095170487e-01) AS `opt_out_risk_contribution`, /* mean 0.1887, std 0.129, weight -0.09321 */
    (`recency_days_input` - 3.0002285709999999e+01) * (-1.5080972939572231e-02) AS `recency_days_contribution`, /* mean 30, std 17.6, weight -0.2655 */
    (`reply_rate_90d_input` - 2.8348651429999999e-01) * 4.1020747548541731e-01 AS `reply_rate_90d_contribution`, /* mean 0.2835, std 0.1738, weight 0.07131 */
    (`sentiment_score_input` - (-3.9478571000000004e-03)) * 3.2229541483409380e-01 AS `sentiment_score_contribution` /* mean -0.003948, std 0.7924, weight 0.2554 */
  FROM `inputs`
), `lead_scores` AS (
  SELECT
    `contact_id`,
    `engagement_rate_30d_contribution`
      + `fatigue_score_contribution`
      + `mms_affinity_contribution`
      + `opt_out_risk_contribution`
      + `recency_days_contribution`
      + `reply_rate_90d_contribution`
      + `sentiment_score_contribution` AS `lead_score`
  FROM `contributions`
), `log_odds` AS (
  SELECT
    `contact_id`,
    `lead_score`,
    (-4.8967933299999999e-01) + (3.2625833759999998e+00 * `lead_score`) AS `log_odds`
  FROM `lead_scores`
), `odds` AS (
  SELECT
    `contact_id`,
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
  `contact_id`,
  `lead_score`,
  `log_odds`,
  `odds` / (1.0000000000000000e+00 + `odds`) AS `probability`
FROM `odds`
