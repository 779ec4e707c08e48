/* leadweights deciding, model 218a15087250, standardized
  age_days             a number
  source               a text, or a whole number
  visits               a number
  may_contact          a text, or a whole number
  judgement            a number
  last_seen            a date, or a timestamp without a time zone
  log_odds_last_month  a number
  rep                  a text, or a whole number
  id                   a text, or a whole number */
WITH "inputs" AS (
  SELECT
    "leads"."id" AS "id",
    CASE
      WHEN CAST("leads"."age_days" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."age_days" AS Nullable(Float64))
      ELSE 3.0000000000000000e+01
    END AS "age_days_input",
    CAST("leads"."source" AS Nullable(String)) AS "source_input",
    CASE
      WHEN CAST("leads"."visits" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."visits" AS Nullable(Float64))
      ELSE 2.0000000000000000e+00
    END AS "visits_input",
    CASE
      WHEN CAST("leads"."may_contact" AS Nullable(String)) = 'yes'
      THEN 1.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END AS "consent_given",
    CASE
      WHEN CAST("leads"."judgement" AS Nullable(Float64)) BETWEEN 9.0000000000000002e-01 AND 1.1000000000000001e+00
      THEN CAST("leads"."judgement" AS Nullable(Float64))
      WHEN CAST("leads"."judgement" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 9.0000000000000002e-01
      THEN 9.0000000000000002e-01
      WHEN CAST("leads"."judgement" AS Nullable(Float64)) BETWEEN 1.1000000000000001e+00 AND 1.0000000000000000e+100
      THEN 1.1000000000000001e+00
      ELSE 1.0000000000000000e+00
    END AS "adjustment_factor",
    CASE
      WHEN (2.0634000000000000e+04 - CAST(DATE_DIFF(DAY, CAST('1970-01-01' AS Nullable(Date32)), CAST("leads"."last_seen" AS Nullable(Date32))) AS Nullable(Float64))) >= 0.0000000000000000e+00
      THEN 2.0634000000000000e+04 - CAST(DATE_DIFF(DAY, CAST('1970-01-01' AS Nullable(Date32)), CAST("leads"."last_seen" AS Nullable(Date32))) AS Nullable(Float64))
      ELSE 0.0000000000000000e+00
    END AS "decay_days",
    CASE
      WHEN CAST("leads"."log_odds_last_month" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."log_odds_last_month" AS Nullable(Float64))
    END AS "log_odds_before",
    CAST("leads"."rep" AS Nullable(String)) AS "owner_text",
    CAST("leads"."id" AS Nullable(String)) AS "key_text_1"
  FROM "leads"
), "contributions" AS (
  SELECT
    "inputs"."id" AS "id",
    "inputs"."consent_given" AS "consent_given",
    "inputs"."decay_days" AS "decay_days",
    "inputs"."log_odds_before" AS "log_odds_before",
    "inputs"."owner_text" AS "owner_text",
    "inputs"."key_text_1" AS "key_text_1",
    CASE
      WHEN "inputs"."consent_given" >= 1.0000000000000000e+00
      THEN ("inputs"."age_days_input" - 3.0000000000000000e+01) * (-2.5000000000000001e-02)
    END AS "age_days_contribution", /* mean 30, std 20, weight -0.5 */
    CASE
      WHEN "inputs"."consent_given" >= 1.0000000000000000e+00
      THEN CASE
        WHEN "inputs"."source_input" IS NULL
        THEN (-2.0000000000000001e-01)
        WHEN "inputs"."source_input" = 'web'
        THEN (-5.0000000000000003e-02)
        WHEN "inputs"."source_input" = 'fair'
        THEN 4.0000000000000002e-01
        WHEN "inputs"."source_input" = ''
        THEN (-2.0000000000000001e-01)
        ELSE (-1.0000000000000001e-01)
      END
    END AS "source_contribution", /* 2 levels, weight 0.25 */
    CASE
      WHEN "inputs"."consent_given" >= 1.0000000000000000e+00
      THEN CASE
        WHEN "inputs"."visits_input" >= 1.0000000000000000e+01
        THEN 2.0000000000000001e-01
        WHEN "inputs"."visits_input" >= 2.0000000000000000e+00
        THEN 1.0000000000000001e-01
          + (("inputs"."visits_input" - 2.0000000000000000e+00) * 1.2500000000000001e-02)
        WHEN "inputs"."visits_input" >= 0.0000000000000000e+00
        THEN (-2.9999999999999999e-01)
          + (("inputs"."visits_input" - 0.0000000000000000e+00) * 2.0000000000000001e-01)
        ELSE (-2.9999999999999999e-01)
      END
    END AS "visits_contribution", /* a curve of 3 points, weight 0.25 */
    9.5000000000000000e+00
      + (5.0000000000000000e-01 * SIGN("inputs"."age_days_input" - 3.0000000000000000e+01)) AS "age_days_reason",
    CASE
      WHEN "inputs"."source_input" IS NULL
      THEN 8.0000000000000000e+00
      WHEN "inputs"."source_input" = 'web'
      THEN 6.0000000000000000e+00
      WHEN "inputs"."source_input" = 'fair'
      THEN 5.0000000000000000e+00
      WHEN "inputs"."source_input" = ''
      THEN 8.0000000000000000e+00
      ELSE 7.0000000000000000e+00
    END AS "source_reason",
    CASE
      WHEN "inputs"."visits_input" >= 1.0000000000000000e+01
      THEN 4.0000000000000000e+00
      WHEN "inputs"."visits_input" >= 2.0000000000000000e+00
      THEN 3.0000000000000000e+00
      WHEN "inputs"."visits_input" >= 1.4999999999999998e+00
      THEN 2.0000000000000000e+00
      WHEN "inputs"."visits_input" >= 0.0000000000000000e+00
      THEN 1.0000000000000000e+00
      WHEN "inputs"."visits_input" < 0.0000000000000000e+00
      THEN 0.0000000000000000e+00
    END AS "visits_reason",
    ("inputs"."adjustment_factor" - 1.0000000000000000e+00) / ("inputs"."adjustment_factor" + 1.0000000000000000e+00) AS "adjustment_ratio"
  FROM "inputs"
), "lead_scores" AS (
  SELECT
    "contributions"."id" AS "id",
    "contributions"."consent_given" AS "consent_given",
    "contributions"."decay_days" AS "decay_days",
    "contributions"."log_odds_before" AS "log_odds_before",
    "contributions"."owner_text" AS "owner_text",
    "contributions"."key_text_1" AS "key_text_1",
    "contributions"."age_days_contribution" AS "age_days_contribution",
    "contributions"."source_contribution" AS "source_contribution",
    "contributions"."visits_contribution" AS "visits_contribution",
    "contributions"."age_days_reason" AS "age_days_reason",
    "contributions"."source_reason" AS "source_reason",
    "contributions"."visits_reason" AS "visits_reason",
    "contributions"."adjustment_ratio" AS "adjustment_ratio",
    "contributions"."age_days_contribution"
      + "contributions"."source_contribution"
      + "contributions"."visits_contribution" AS "lead_score",
    3.0000000000000000e+00 * "contributions"."age_days_contribution" AS "age_days_effect",
    3.0000000000000000e+00 * "contributions"."source_contribution" AS "source_effect",
    3.0000000000000000e+00 * "contributions"."visits_contribution" AS "visits_effect",
    "contributions"."adjustment_ratio" * "contributions"."adjustment_ratio" AS "adjustment_square"
  FROM "contributions"
), "log_odds" AS (
  SELECT
    "lead_scores"."id" AS "id",
    "lead_scores"."consent_given" AS "consent_given",
    "lead_scores"."decay_days" AS "decay_days",
    "lead_scores"."log_odds_before" AS "log_odds_before",
    "lead_scores"."owner_text" AS "owner_text",
    "lead_scores"."key_text_1" AS "key_text_1",
    "lead_scores"."age_days_contribution" AS "age_days_contribution",
    "lead_scores"."source_contribution" AS "source_contribution",
    "lead_scores"."visits_contribution" AS "visits_contribution",
    "lead_scores"."lead_score" AS "lead_score",
    "lead_scores"."age_days_effect" AS "age_days_effect",
    "lead_scores"."source_effect" AS "source_effect",
    "lead_scores"."visits_effect" AS "visits_effect",
    (-5.0000000000000000e-01) + (3.0000000000000000e+00 * "lead_scores"."lead_score") AS "log_odds",
    (FLOOR(
        (ABS("lead_scores"."age_days_effect") / (ABS("lead_scores"."age_days_effect") + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 1.6000000000000000e+01)
      + "lead_scores"."age_days_reason" AS "age_days_key",
    (FLOOR(
        (ABS("lead_scores"."source_effect") / (ABS("lead_scores"."source_effect") + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 1.6000000000000000e+01)
      + "lead_scores"."source_reason" AS "source_key",
    (FLOOR(
        (ABS("lead_scores"."visits_effect") / (ABS("lead_scores"."visits_effect") + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 1.6000000000000000e+01)
      + "lead_scores"."visits_reason" AS "visits_key",
    (2.0000000000000000e+00 * "lead_scores"."adjustment_ratio") * (1.0000000000000000e+00
      + ("lead_scores"."adjustment_square" * (3.3333333333333331e-01
        + ("lead_scores"."adjustment_square" * (2.0000000000000001e-01
          + ("lead_scores"."adjustment_square" * (1.4285714285714285e-01
            + ("lead_scores"."adjustment_square" * (1.1111111111111110e-01
              + ("lead_scores"."adjustment_square" * (9.0909090909090912e-02 + ("lead_scores"."adjustment_square" * 7.6923076923076927e-02)))))))))))) AS "adjustment_log"
  FROM "lead_scores"
), "round_1" AS (
  SELECT
    "log_odds"."id" AS "id",
    "log_odds"."consent_given" AS "consent_given",
    "log_odds"."decay_days" AS "decay_days",
    "log_odds"."log_odds_before" AS "log_odds_before",
    "log_odds"."owner_text" AS "owner_text",
    "log_odds"."key_text_1" AS "key_text_1",
    "log_odds"."age_days_contribution" AS "age_days_contribution",
    "log_odds"."source_contribution" AS "source_contribution",
    "log_odds"."visits_contribution" AS "visits_contribution",
    "log_odds"."lead_score" AS "lead_score",
    "log_odds"."age_days_effect" AS "age_days_effect",
    "log_odds"."source_effect" AS "source_effect",
    "log_odds"."visits_effect" AS "visits_effect",
    "log_odds"."log_odds" AS "log_odds",
    "log_odds"."visits_key" AS "visits_key",
    "log_odds"."adjustment_log" AS "adjustment_log",
    5.0000000000000000e-01 * (("log_odds"."age_days_key" + "log_odds"."source_key")
      + ABS("log_odds"."age_days_key" - "log_odds"."source_key")) AS "key_1_1_1",
    5.0000000000000000e-01 * (("log_odds"."age_days_key" + "log_odds"."source_key") - ABS("log_odds"."age_days_key" - "log_odds"."source_key")) AS "key_1_1_2"
  FROM "log_odds"
), "round_2" AS (
  SELECT
    "round_1"."id" AS "id",
    "round_1"."consent_given" AS "consent_given",
    "round_1"."decay_days" AS "decay_days",
    "round_1"."log_odds_before" AS "log_odds_before",
    "round_1"."owner_text" AS "owner_text",
    "round_1"."key_text_1" AS "key_text_1",
    "round_1"."age_days_contribution" AS "age_days_contribution",
    "round_1"."source_contribution" AS "source_contribution",
    "round_1"."visits_contribution" AS "visits_contribution",
    "round_1"."lead_score" AS "lead_score",
    "round_1"."age_days_effect" AS "age_days_effect",
    "round_1"."source_effect" AS "source_effect",
    "round_1"."visits_effect" AS "visits_effect",
    "round_1"."log_odds" AS "log_odds",
    "round_1"."adjustment_log" AS "adjustment_log",
    5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."visits_key")
      + ABS("round_1"."key_1_1_1" - "round_1"."visits_key")) AS "key_2_1_1",
    5.0000000000000000e-01 * (("round_1"."key_1_1_2"
        + (5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."visits_key") - ABS("round_1"."key_1_1_1" - "round_1"."visits_key"))))
      + ABS(
        "round_1"."key_1_1_2" - (5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."visits_key") - ABS("round_1"."key_1_1_1" - "round_1"."visits_key")))
      )) AS "key_2_1_2"
  FROM "round_1"
), "reason_codes" AS (
  SELECT
    "round_2"."id" AS "id",
    "round_2"."consent_given" AS "consent_given",
    "round_2"."decay_days" AS "decay_days",
    "round_2"."log_odds_before" AS "log_odds_before",
    "round_2"."owner_text" AS "owner_text",
    "round_2"."key_text_1" AS "key_text_1",
    "round_2"."age_days_contribution" AS "age_days_contribution",
    "round_2"."source_contribution" AS "source_contribution",
    "round_2"."visits_contribution" AS "visits_contribution",
    "round_2"."lead_score" AS "lead_score",
    "round_2"."age_days_effect" AS "age_days_effect",
    "round_2"."source_effect" AS "source_effect",
    "round_2"."visits_effect" AS "visits_effect",
    "round_2"."log_odds" AS "log_odds",
    "round_2"."adjustment_log" AS "adjustment_log",
    CASE
      WHEN "round_2"."key_2_1_1" >= 1.6000000000000000e+01
      THEN "round_2"."key_2_1_1" - (1.6000000000000000e+01 * FLOOR("round_2"."key_2_1_1" / 1.6000000000000000e+01))
    END AS "code_1",
    CASE
      WHEN "round_2"."key_2_1_2" >= 1.6000000000000000e+01
      THEN "round_2"."key_2_1_2" - (1.6000000000000000e+01 * FLOOR("round_2"."key_2_1_2" / 1.6000000000000000e+01))
    END AS "code_2"
  FROM "round_2"
), "calibrated" AS (
  SELECT
    "reason_codes"."id" AS "id",
    "reason_codes"."consent_given" AS "consent_given",
    "reason_codes"."decay_days" AS "decay_days",
    "reason_codes"."log_odds_before" AS "log_odds_before",
    "reason_codes"."owner_text" AS "owner_text",
    "reason_codes"."key_text_1" AS "key_text_1",
    "reason_codes"."age_days_contribution" AS "age_days_contribution",
    "reason_codes"."source_contribution" AS "source_contribution",
    "reason_codes"."visits_contribution" AS "visits_contribution",
    "reason_codes"."lead_score" AS "lead_score",
    "reason_codes"."age_days_effect" AS "age_days_effect",
    "reason_codes"."source_effect" AS "source_effect",
    "reason_codes"."visits_effect" AS "visits_effect",
    "reason_codes"."log_odds" AS "log_odds",
    "reason_codes"."adjustment_log" AS "adjustment_log",
    "reason_codes"."code_1" AS "code_1",
    "reason_codes"."code_2" AS "code_2",
    CASE
      WHEN "reason_codes"."log_odds" >= 1.5000000000000000e+00
      THEN 1.2500000000000000e+00
      WHEN "reason_codes"."log_odds" >= 0.0000000000000000e+00
      THEN 2.5000000000000000e-01
        + (("reason_codes"."log_odds" - 0.0000000000000000e+00) * 6.6666666666666663e-01)
      WHEN "reason_codes"."log_odds" >= (-2.0000000000000000e+00)
      THEN (-1.5000000000000000e+00)
        + (("reason_codes"."log_odds" - (-2.0000000000000000e+00)) * 8.7500000000000000e-01)
      WHEN "reason_codes"."log_odds" < (-2.0000000000000000e+00)
      THEN (-1.5000000000000000e+00)
    END AS "calibrated_log_odds"
  FROM "reason_codes"
), "adjusted" AS (
  SELECT
    "calibrated"."id" AS "id",
    "calibrated"."consent_given" AS "consent_given",
    "calibrated"."log_odds_before" AS "log_odds_before",
    "calibrated"."owner_text" AS "owner_text",
    "calibrated"."key_text_1" AS "key_text_1",
    "calibrated"."age_days_contribution" AS "age_days_contribution",
    "calibrated"."source_contribution" AS "source_contribution",
    "calibrated"."visits_contribution" AS "visits_contribution",
    "calibrated"."lead_score" AS "lead_score",
    "calibrated"."age_days_effect" AS "age_days_effect",
    "calibrated"."source_effect" AS "source_effect",
    "calibrated"."visits_effect" AS "visits_effect",
    "calibrated"."log_odds" AS "log_odds",
    "calibrated"."code_1" AS "code_1",
    "calibrated"."code_2" AS "code_2",
    "calibrated"."calibrated_log_odds" AS "calibrated_log_odds",
    ("calibrated"."calibrated_log_odds" + "calibrated"."adjustment_log") - ("calibrated"."decay_days" * 2.3104906018664842e-02) AS "adjusted_log_odds"
  FROM "calibrated"
), "ranked" AS (
  SELECT
    "adjusted"."id" AS "id",
    "adjusted"."consent_given" AS "consent_given",
    "adjusted"."log_odds_before" AS "log_odds_before",
    "adjusted"."age_days_contribution" AS "age_days_contribution",
    "adjusted"."source_contribution" AS "source_contribution",
    "adjusted"."visits_contribution" AS "visits_contribution",
    "adjusted"."lead_score" AS "lead_score",
    "adjusted"."age_days_effect" AS "age_days_effect",
    "adjusted"."source_effect" AS "source_effect",
    "adjusted"."visits_effect" AS "visits_effect",
    "adjusted"."log_odds" AS "log_odds",
    "adjusted"."code_1" AS "code_1",
    "adjusted"."code_2" AS "code_2",
    "adjusted"."calibrated_log_odds" AS "calibrated_log_odds",
    "adjusted"."adjusted_log_odds" AS "adjusted_log_odds",
    ROW_NUMBER() OVER (
      PARTITION BY "adjusted"."owner_text"
      ORDER BY CASE WHEN "adjusted"."adjusted_log_odds" IS NULL THEN 1 ELSE 0 END, "adjusted"."adjusted_log_odds" DESC, "adjusted"."key_text_1"
    ) AS "rank_place",
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN "adjusted"."adjusted_log_odds" IS NULL THEN 1 ELSE 0 END, "adjusted"."adjusted_log_odds" DESC, "adjusted"."key_text_1"
    ) AS "overall_place",
    COUNT("adjusted"."adjusted_log_odds") OVER () AS "scored_rows"
  FROM "adjusted"
), "odds" AS (
  SELECT
    "ranked"."id" AS "id",
    "ranked"."consent_given" AS "consent_given",
    "ranked"."log_odds_before" AS "log_odds_before",
    "ranked"."age_days_contribution" AS "age_days_contribution",
    "ranked"."source_contribution" AS "source_contribution",
    "ranked"."visits_contribution" AS "visits_contribution",
    "ranked"."lead_score" AS "lead_score",
    "ranked"."age_days_effect" AS "age_days_effect",
    "ranked"."source_effect" AS "source_effect",
    "ranked"."visits_effect" AS "visits_effect",
    "ranked"."log_odds" AS "log_odds",
    "ranked"."code_1" AS "code_1",
    "ranked"."code_2" AS "code_2",
    "ranked"."calibrated_log_odds" AS "calibrated_log_odds",
    "ranked"."adjusted_log_odds" AS "adjusted_log_odds",
    "ranked"."rank_place" AS "rank_place",
    CASE
      WHEN "ranked"."calibrated_log_odds" BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP("ranked"."calibrated_log_odds")
      ELSE CASE
        WHEN "ranked"."calibrated_log_odds" >= 0.0000000000000000e+00
        THEN 1.0000000000000000e+100
        WHEN "ranked"."calibrated_log_odds" < 0.0000000000000000e+00
        THEN 0.0000000000000000e+00
      END
    END AS "odds",
    CASE
      WHEN "ranked"."adjusted_log_odds" BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP("ranked"."adjusted_log_odds")
      ELSE CASE
        WHEN "ranked"."adjusted_log_odds" >= 0.0000000000000000e+00
        THEN 1.0000000000000000e+100
        WHEN "ranked"."adjusted_log_odds" < 0.0000000000000000e+00
        THEN 0.0000000000000000e+00
      END
    END AS "adjusted_odds",
    CASE
      WHEN "ranked"."consent_given" >= 1.0000000000000000e+00
      THEN (1.0000000000000000e+01 * (CAST("ranked"."overall_place" AS Nullable(Float64)) - 1.0000000000000000e+00)) / CAST("ranked"."scored_rows" AS Nullable(Float64))
    END AS "tenths_before"
  FROM "ranked"
), "percent" AS (
  SELECT
    "odds"."id" AS "id",
    "odds"."consent_given" AS "consent_given",
    "odds"."log_odds_before" AS "log_odds_before",
    "odds"."age_days_contribution" AS "age_days_contribution",
    "odds"."source_contribution" AS "source_contribution",
    "odds"."visits_contribution" AS "visits_contribution",
    "odds"."lead_score" AS "lead_score",
    "odds"."age_days_effect" AS "age_days_effect",
    "odds"."source_effect" AS "source_effect",
    "odds"."visits_effect" AS "visits_effect",
    "odds"."log_odds" AS "log_odds",
    "odds"."code_1" AS "code_1",
    "odds"."code_2" AS "code_2",
    "odds"."calibrated_log_odds" AS "calibrated_log_odds",
    "odds"."adjusted_log_odds" AS "adjusted_log_odds",
    "odds"."rank_place" AS "rank_place",
    "odds"."odds" AS "odds",
    "odds"."adjusted_odds" AS "adjusted_odds",
    "odds"."tenths_before" AS "tenths_before",
    (1.0000000000000000e+02 * ("odds"."adjusted_odds" / (1.0000000000000000e+00 + "odds"."adjusted_odds")))
      + 5.0000000000000000e-01 AS "percent_and_half"
  FROM "odds"
)
SELECT
  "percent"."id" AS "id",
  "percent"."lead_score" AS "lead_score",
  "percent"."log_odds" AS "log_odds",
  "percent"."calibrated_log_odds" AS "calibrated_log_odds",
  "percent"."odds" / (1.0000000000000000e+00 + "percent"."odds") AS "probability",
  "percent"."adjusted_log_odds" AS "adjusted_log_odds",
  "percent"."adjusted_odds" / (1.0000000000000000e+00 + "percent"."adjusted_odds") AS "adjusted_probability",
  CASE WHEN "percent"."consent_given" >= 1.0000000000000000e+00 THEN 'scored' ELSE 'no_consent' END AS "status",
  CASE
    WHEN ("percent"."percent_and_half" - FLOOR("percent"."percent_and_half")) BETWEEN 9.9999999999999995e-08 AND 9.9999990000000005e-01
    THEN CAST(FLOOR("percent"."percent_and_half") AS Nullable(Int32))
    ELSE CASE
      WHEN "percent"."adjusted_log_odds" >= (-2.0000666710000000e-02)
      THEN CASE
        WHEN "percent"."adjusted_log_odds" >= 1.0721206729999999e+00
        THEN CASE
          WHEN "percent"."adjusted_log_odds" >= 1.9459101489999999e+00
          THEN CASE
            WHEN "percent"."adjusted_log_odds" >= 2.6661592590000001e+00
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= 3.3167800399999998e+00
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 4.1845914400000002e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 5.2933048249999999e+00 THEN 100 ELSE 99 END
                ELSE CASE WHEN "percent"."adjusted_log_odds" >= 3.6635616459999998e+00 THEN 98 ELSE 97 END
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 2.8438517420000000e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 3.0550488510000000e+00 THEN 96 ELSE 95 END
                ELSE 94
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= 2.2540580520000000e+00
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 2.3762728090000000e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 2.5123056240000001e+00 THEN 93 ELSE 92 END
                ELSE 91
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 2.0406555169999998e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 2.1428633680000000e+00 THEN 90 ELSE 89 END
                ELSE 88
              END
            END
          END
          ELSE CASE
            WHEN "percent"."adjusted_log_odds" >= 1.4178427190000000e+00
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= 1.6214862510000001e+00
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 1.7743677270000000e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 1.8574547280000000e+00 THEN 87 ELSE 86 END
                ELSE CASE WHEN "percent"."adjusted_log_odds" >= 1.6959115100000000e+00 THEN 85 ELSE 84 END
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 1.4828322880000000e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 1.5505974119999999e+00 THEN 83 ELSE 82 END
                ELSE 81
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= 1.2367626270000001e+00
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 1.2950456900000000e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 1.3553321359999999e+00 THEN 80 ELSE 79 END
                ELSE 78
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 1.1254595390000000e+00
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 1.1802903199999999e+00 THEN 77 ELSE 76 END
                ELSE 75
              END
            END
          END
        END
        ELSE CASE
          WHEN "percent"."adjusted_log_odds" >= 4.6837893349999998e-01
          THEN CASE
            WHEN "percent"."adjusted_log_odds" >= 7.3088750849999995e-01
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= 8.7122244650000003e-01
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 9.6940055719999996e-01
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 1.0201406730000000e+00 THEN 74 ELSE 73 END
                ELSE CASE WHEN "percent"."adjusted_log_odds" >= 9.1979336239999998e-01 THEN 72 ELSE 71 END
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 7.7684619939999999e-01
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 8.2360006900000005e-01 THEN 70 ELSE 69 END
                ELSE 68
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= 5.9713252729999999e-01
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 6.4109081859999995e-01
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 6.8565650879999995e-01 THEN 67 ELSE 66 END
                ELSE 65
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 5.1082562379999996e-01
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 5.5372764529999996e-01 THEN 64 ELSE 63 END
                ELSE 62
              END
            END
          END
          ELSE CASE
            WHEN "percent"."adjusted_log_odds" >= 2.2089383160000001e-01
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= 3.4333332700000002e-01
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 3.8467433839999998e-01
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 4.2634269310000000e-01 THEN 61 ELSE 60 END
                ELSE 59
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 2.6147970009999999e-01
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 3.0228087190000003e-01 THEN 58 ELSE 57 END
                ELSE 56
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= 1.0008345859999999e-01
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= 1.4022934130000000e-01
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 1.8048837570000001e-01 THEN 55 ELSE 54 END
                ELSE 53
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= 2.0000666710000000e-02
                THEN CASE WHEN "percent"."adjusted_log_odds" >= 6.0018009730000002e-02 THEN 52 ELSE 51 END
                ELSE 50
              END
            END
          END
        END
      END
      WHEN "percent"."adjusted_log_odds" < (-2.0000666710000000e-02)
      THEN CASE
        WHEN "percent"."adjusted_log_odds" >= (-1.1254595390000000e+00)
        THEN CASE
          WHEN "percent"."adjusted_log_odds" >= (-5.5372764529999996e-01)
          THEN CASE
            WHEN "percent"."adjusted_log_odds" >= (-3.0228087190000003e-01)
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= (-1.8048837570000001e-01)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-1.0008345859999999e-01)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-6.0018009730000002e-02) THEN 49 ELSE 48 END
                ELSE CASE WHEN "percent"."adjusted_log_odds" >= (-1.4022934130000000e-01) THEN 47 ELSE 46 END
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-2.6147970009999999e-01)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-2.2089383160000001e-01) THEN 45 ELSE 44 END
                ELSE 43
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= (-4.2634269310000000e-01)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-3.8467433839999998e-01)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-3.4333332700000002e-01) THEN 42 ELSE 41 END
                ELSE 40
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-5.1082562379999996e-01)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-4.6837893349999998e-01) THEN 39 ELSE 38 END
                ELSE 37
              END
            END
          END
          ELSE CASE
            WHEN "percent"."adjusted_log_odds" >= (-8.2360006900000005e-01)
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= (-6.8565650879999995e-01)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-6.4109081859999995e-01)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-5.9713252729999999e-01) THEN 36 ELSE 35 END
                ELSE 34
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-7.7684619939999999e-01)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-7.3088750849999995e-01) THEN 33 ELSE 32 END
                ELSE 31
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= (-9.6940055719999996e-01)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-9.1979336239999998e-01)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-8.7122244650000003e-01) THEN 30 ELSE 29 END
                ELSE 28
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-1.0721206729999999e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-1.0201406730000000e+00) THEN 27 ELSE 26 END
                ELSE 25
              END
            END
          END
        END
        ELSE CASE
          WHEN "percent"."adjusted_log_odds" >= (-2.0406555169999998e+00)
          THEN CASE
            WHEN "percent"."adjusted_log_odds" >= (-1.5505974119999999e+00)
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= (-1.3553321359999999e+00)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-1.2367626270000001e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-1.1802903199999999e+00) THEN 24 ELSE 23 END
                ELSE CASE WHEN "percent"."adjusted_log_odds" >= (-1.2950456900000000e+00) THEN 22 ELSE 21 END
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-1.4828322880000000e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-1.4178427190000000e+00) THEN 20 ELSE 19 END
                ELSE 18
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= (-1.7743677270000000e+00)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-1.6959115100000000e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-1.6214862510000001e+00) THEN 17 ELSE 16 END
                ELSE 15
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-1.9459101489999999e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-1.8574547280000000e+00) THEN 14 ELSE 13 END
                ELSE 12
              END
            END
          END
          ELSE CASE
            WHEN "percent"."adjusted_log_odds" >= (-2.8438517420000000e+00)
            THEN CASE
              WHEN "percent"."adjusted_log_odds" >= (-2.3762728090000000e+00)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-2.2540580520000000e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-2.1428633680000000e+00) THEN 11 ELSE 10 END
                ELSE 9
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-2.6661592590000001e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-2.5123056240000001e+00) THEN 8 ELSE 7 END
                ELSE 6
              END
            END
            ELSE CASE
              WHEN "percent"."adjusted_log_odds" >= (-3.6635616459999998e+00)
              THEN CASE
                WHEN "percent"."adjusted_log_odds" >= (-3.3167800399999998e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-3.0550488510000000e+00) THEN 5 ELSE 4 END
                ELSE 3
              END
              ELSE CASE
                WHEN "percent"."adjusted_log_odds" >= (-5.2933048249999999e+00)
                THEN CASE WHEN "percent"."adjusted_log_odds" >= (-4.1845914400000002e+00) THEN 2 ELSE 1 END
                ELSE 0
              END
            END
          END
        END
      END
    END
  END AS "score_100",
  CASE
    WHEN "percent"."adjusted_log_odds" >= 1.0000000000000000e+00
    THEN 'hot'
    WHEN "percent"."adjusted_log_odds" >= (-5.0000000000000000e-01)
    THEN 'warm'
    WHEN "percent"."adjusted_log_odds" < (-5.0000000000000000e-01)
    THEN 'cold'
  END AS "band",
  CASE
    WHEN "percent"."adjusted_log_odds" >= 1.0000000000000000e+00
    THEN 'call today'
    WHEN "percent"."adjusted_log_odds" >= (-5.0000000000000000e-01)
    THEN 'send an e-mail'
  END AS "action",
  CASE
    WHEN "percent"."adjusted_log_odds" >= 5.0000000000000000e-01
    THEN 1
    WHEN "percent"."adjusted_log_odds" < 5.0000000000000000e-01
    THEN 0
  END AS "decision",
  CASE
    WHEN ("percent"."adjusted_log_odds" - "percent"."log_odds_before") >= 2.5000000000000000e-01
    THEN 'improving'
    WHEN ("percent"."adjusted_log_odds" - "percent"."log_odds_before") >= (-2.5000000000000000e-01)
    THEN 'steady'
    WHEN ("percent"."adjusted_log_odds" - "percent"."log_odds_before") < (-2.5000000000000000e-01)
    THEN 'declining'
  END AS "trend",
  CASE
    WHEN "percent"."code_1" >= 1.0000000000000000e+01
    THEN 'against: no news for long'
    WHEN "percent"."code_1" >= 9.0000000000000000e+00
    THEN 'young'
    WHEN "percent"."code_1" >= 8.0000000000000000e+00
    THEN 'against: source: missing'
    WHEN "percent"."code_1" >= 7.0000000000000000e+00
    THEN 'against: source: another value'
    WHEN "percent"."code_1" >= 6.0000000000000000e+00
    THEN 'against: source: web'
    WHEN "percent"."code_1" >= 5.0000000000000000e+00
    THEN 'source: fair'
    WHEN "percent"."code_1" >= 4.0000000000000000e+00
    THEN 'visits: 10 or more'
    WHEN "percent"."code_1" >= 3.0000000000000000e+00
    THEN 'visits: 2 to 10'
    WHEN "percent"."code_1" >= 2.0000000000000000e+00
    THEN 'visits: 0 to 2'
    WHEN "percent"."code_1" >= 1.0000000000000000e+00
    THEN 'against: visits: 0 to 2'
    WHEN "percent"."code_1" < 1.0000000000000000e+00
    THEN 'against: visits: below 0'
  END AS "reason_1",
  CASE
    WHEN "percent"."code_1" >= 9.0000000000000000e+00
    THEN "percent"."age_days_effect"
    WHEN "percent"."code_1" >= 5.0000000000000000e+00
    THEN "percent"."source_effect"
    WHEN "percent"."code_1" < 5.0000000000000000e+00
    THEN "percent"."visits_effect"
  END AS "reason_1_effect",
  CASE
    WHEN "percent"."code_2" >= 1.0000000000000000e+01
    THEN 'against: no news for long'
    WHEN "percent"."code_2" >= 9.0000000000000000e+00
    THEN 'young'
    WHEN "percent"."code_2" >= 8.0000000000000000e+00
    THEN 'against: source: missing'
    WHEN "percent"."code_2" >= 7.0000000000000000e+00
    THEN 'against: source: another value'
    WHEN "percent"."code_2" >= 6.0000000000000000e+00
    THEN 'against: source: web'
    WHEN "percent"."code_2" >= 5.0000000000000000e+00
    THEN 'source: fair'
    WHEN "percent"."code_2" >= 4.0000000000000000e+00
    THEN 'visits: 10 or more'
    WHEN "percent"."code_2" >= 3.0000000000000000e+00
    THEN 'visits: 2 to 10'
    WHEN "percent"."code_2" >= 2.0000000000000000e+00
    THEN 'visits: 0 to 2'
    WHEN "percent"."code_2" >= 1.0000000000000000e+00
    THEN 'against: visits: 0 to 2'
    WHEN "percent"."code_2" < 1.0000000000000000e+00
    THEN 'against: visits: below 0'
  END AS "reason_2",
  CASE
    WHEN "percent"."code_2" >= 9.0000000000000000e+00
    THEN "percent"."age_days_effect"
    WHEN "percent"."code_2" >= 5.0000000000000000e+00
    THEN "percent"."source_effect"
    WHEN "percent"."code_2" < 5.0000000000000000e+00
    THEN "percent"."visits_effect"
  END AS "reason_2_effect",
  CASE WHEN "percent"."consent_given" >= 1.0000000000000000e+00 THEN "percent"."rank_place" END AS "rank",
  CASE
    WHEN "percent"."tenths_before" >= 9.0000000000000000e+00
    THEN 10
    WHEN "percent"."tenths_before" >= 8.0000000000000000e+00
    THEN 9
    WHEN "percent"."tenths_before" >= 7.0000000000000000e+00
    THEN 8
    WHEN "percent"."tenths_before" >= 6.0000000000000000e+00
    THEN 7
    WHEN "percent"."tenths_before" >= 5.0000000000000000e+00
    THEN 6
    WHEN "percent"."tenths_before" >= 4.0000000000000000e+00
    THEN 5
    WHEN "percent"."tenths_before" >= 3.0000000000000000e+00
    THEN 4
    WHEN "percent"."tenths_before" >= 2.0000000000000000e+00
    THEN 3
    WHEN "percent"."tenths_before" >= 1.0000000000000000e+00
    THEN 2
    WHEN "percent"."tenths_before" < 1.0000000000000000e+00
    THEN 1
  END AS "decile",
  "percent"."age_days_contribution" AS "age_days_contribution",
  "percent"."source_contribution" AS "source_contribution",
  "percent"."visits_contribution" AS "visits_contribution",
  "percent"."age_days_effect" AS "age_days_effect",
  "percent"."source_effect" AS "source_effect",
  "percent"."visits_effect" AS "visits_effect"
FROM "percent"
