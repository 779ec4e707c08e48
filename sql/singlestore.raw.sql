/* leadweights logistic_regression, model 0a43124cc0f8, raw
  engagement_rate_30d  a number
  fatigue_score        a number
  mms_affinity         a number
  opt_out_risk         a number
  recency_days         a number
  reply_rate_90d       a number
  sentiment_score      a number */
SELECT
  `contact_id`,
  1.0183130401770750e-01
    + (CASE
      WHEN (`engagement_rate_30d` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`engagement_rate_30d` :> DOUBLE)
      ELSE 4.5319999999999999e-01
    END * 8.4447471879538216e-01)
    + (CASE
      WHEN (`fatigue_score` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`fatigue_score` :> DOUBLE)
      ELSE 3.8574999999999998e-01
    END * (-3.9784518586748940e-01))
    + (CASE
      WHEN (`mms_affinity` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`mms_affinity` :> DOUBLE)
      ELSE 4.3714999999999998e-01
    END * 3.2900325747502690e-01)
    + (CASE
      WHEN (`opt_out_risk` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`opt_out_risk` :> DOUBLE)
      ELSE 1.6225000000000001e-01
    END * (-7.2267705095170487e-01))
    + (CASE
      WHEN (`recency_days` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`recency_days` :> DOUBLE)
      ELSE 3.0000000000000000e+01
    END * (-1.5080972939572231e-02))
    + (CASE
      WHEN (`reply_rate_90d` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`reply_rate_90d` :> DOUBLE)
      ELSE 2.6105000000000000e-01
    END * 4.1020747548541731e-01)
    + (CASE
      WHEN (`sentiment_score` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN (`sentiment_score` :> DOUBLE)
      ELSE 1.6500000000000000e-03
    END * 3.2229541483409380e-01) AS `lead_score`,
  (-4.8967933299999999e-01)
    + (3.2625833759999998e+00 * (1.0183130401770750e-01
      + (CASE
        WHEN (`engagement_rate_30d` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN (`engagement_rate_30d` :> DOUBLE)
        ELSE 4.5319999999999999e-01
      END * 8.4447471879538216e-01)
      + (CASE
        WHEN (`fatigue_score` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN (`fatigue_score` :> DOUBLE)
        ELSE 3.8574999999999998e-01
      END * (-3.9784518586748940e-01))
      + (CASE
        WHEN (`mms_affinity` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN (`mms_affinity` :> DOUBLE)
        ELSE 4.3714999999999998e-01
      END * 3.2900325747502690e-01)
      + (CASE
        WHEN (`opt_out_risk` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN (`opt_out_risk` :> DOUBLE)
        ELSE 1.6225000000000001e-01
      END * (-7.2267705095170487e-01))
      + (CASE
        WHEN (`recency_days` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN (`recency_days` :> DOUBLE)
        ELSE 3.0000000000000000e+01
      END * (-1.5080972939572231e-02))
      + (CASE
        WHEN (`reply_rate_90d` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN (`reply_rate_90d` :> DOUBLE)
        ELSE 2.6105000000000000e-01
      END * 4.1020747548541731e-01)
      + (CASE
        WHEN (`sentiment_score` :> DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN (`sentiment_score` :> DOUBLE)
        ELSE 1.6500000000000000e-03
      END * 3.2229541483409380e-01))) AS `log_odds`
FROM `leads`
