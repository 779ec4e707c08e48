/* leadweights logistic_regression, model 0a43124cc0f8, raw
  engagement_rate_30d  a number
  fatigue_score        a number
  mms_affinity         a number
  opt_out_risk         a number
  recency_days         a number
  reply_rate_90d       a number
  sentiment_score      a number */
SELECT
  "leads"."contact_id" AS "contact_id",
  1.0183130401770750e-01
    + (CASE
      WHEN CAST("leads"."engagement_rate_30d" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."engagement_rate_30d" AS Nullable(Float64))
      ELSE 4.5319999999999999e-01
    END * 8.4447471879538216e-01)
    + (CASE
      WHEN CAST("leads"."fatigue_score" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."fatigue_score" AS Nullable(Float64))
      ELSE 3.8574999999999998e-01
    END * (-3.9784518586748940e-01))
    + (CASE
      WHEN CAST("leads"."mms_affinity" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."mms_affinity" AS Nullable(Float64))
      ELSE 4.3714999999999998e-01
    END * 3.2900325747502690e-01)
    + (CASE
      WHEN CAST("leads"."opt_out_risk" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."opt_out_risk" AS Nullable(Float64))
      ELSE 1.6225000000000001e-01
    END * (-7.2267705095170487e-01))
    + (CASE
      WHEN CAST("leads"."recency_days" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."recency_days" AS Nullable(Float64))
      ELSE 3.0000000000000000e+01
    END * (-1.5080972939572231e-02))
    + (CASE
      WHEN CAST("leads"."reply_rate_90d" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."reply_rate_90d" AS Nullable(Float64))
      ELSE 2.6105000000000000e-01
    END * 4.1020747548541731e-01)
    + (CASE
      WHEN CAST("leads"."sentiment_score" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."sentiment_score" AS Nullable(Float64))
      ELSE 1.6500000000000000e-03
    END * 3.2229541483409380e-01) AS "lead_score",
  (-4.8967933299999999e-01)
    + (3.2625833759999998e+00 * (1.0183130401770750e-01
      + (CASE
        WHEN CAST("leads"."engagement_rate_30d" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN CAST("leads"."engagement_rate_30d" AS Nullable(Float64))
        ELSE 4.5319999999999999e-01
      END * 8.4447471879538216e-01)
      + (CASE
        WHEN CAST("leads"."fatigue_score" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN CAST("leads"."fatigue_score" AS Nullable(Float64))
        ELSE 3.8574999999999998e-01
      END * (-3.9784518586748940e-01))
      + (CASE
        WHEN CAST("leads"."mms_affinity" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN CAST("leads"."mms_affinity" AS Nullable(Float64))
        ELSE 4.3714999999999998e-01
      END * 3.2900325747502690e-01)
      + (CASE
        WHEN CAST("leads"."opt_out_risk" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN CAST("leads"."opt_out_risk" AS Nullable(Float64))
        ELSE 1.6225000000000001e-01
      END * (-7.2267705095170487e-01))
      + (CASE
        WHEN CAST("leads"."recency_days" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN CAST("leads"."recency_days" AS Nullable(Float64))
        ELSE 3.0000000000000000e+01
      END * (-1.5080972939572231e-02))
      + (CASE
        WHEN CAST("leads"."reply_rate_90d" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN CAST("leads"."reply_rate_90d" AS Nullable(Float64))
        ELSE 2.6105000000000000e-01
      END * 4.1020747548541731e-01)
      + (CASE
        WHEN CAST("leads"."sentiment_score" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
        THEN CAST("leads"."sentiment_score" AS Nullable(Float64))
        ELSE 1.6500000000000000e-03
      END * 3.2229541483409380e-01))) AS "log_odds"
FROM "leads"
