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
    "id",
    CASE
      WHEN CAST("age_days" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("age_days" AS DOUBLE PRECISION)
      ELSE CAST('3.0000000000000000e+01' AS DOUBLE PRECISION)
    END AS "age_days_input",
    CAST("source" AS TEXT) AS "source_input",
    CASE
      WHEN CAST("visits" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("visits" AS DOUBLE PRECISION)
      ELSE CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)
    END AS "visits_input",
    CASE
      WHEN CAST("may_contact" AS TEXT) = 'yes'
      THEN CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
    END AS "consent_given",
    CASE
      WHEN CAST("judgement" AS DOUBLE PRECISION) BETWEEN CAST('9.0000000000000002e-01' AS DOUBLE PRECISION) AND CAST('1.1000000000000001e+00' AS DOUBLE PRECISION)
      THEN CAST("judgement" AS DOUBLE PRECISION)
      WHEN CAST("judgement" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('9.0000000000000002e-01' AS DOUBLE PRECISION)
      THEN CAST('9.0000000000000002e-01' AS DOUBLE PRECISION)
      WHEN CAST("judgement" AS DOUBLE PRECISION) BETWEEN CAST('1.1000000000000001e+00' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST('1.1000000000000001e+00' AS DOUBLE PRECISION)
      ELSE CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    END AS "adjustment_factor",
    CASE
      WHEN (CAST('2.0634000000000000e+04' AS DOUBLE PRECISION) - CAST(CAST(EXTRACT(epoch FROM CAST(CAST("last_seen" AS DATE) AS TIMESTAMP) - CAST(CAST('1970-01-01' AS DATE) AS TIMESTAMP)) / 86400 AS BIGINT) AS DOUBLE PRECISION)) >= CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('2.0634000000000000e+04' AS DOUBLE PRECISION) - CAST(CAST(EXTRACT(epoch FROM CAST(CAST("last_seen" AS DATE) AS TIMESTAMP) - CAST(CAST('1970-01-01' AS DATE) AS TIMESTAMP)) / 86400 AS BIGINT) AS DOUBLE PRECISION)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
    END AS "decay_days",
    CASE
      WHEN CAST("log_odds_last_month" AS DOUBLE PRECISION) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE PRECISION) AND CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
      THEN CAST("log_odds_last_month" AS DOUBLE PRECISION)
    END AS "log_odds_before",
    CAST("rep" AS TEXT) AS "owner_text",
    CAST("id" AS TEXT) AS "key_text_1"
  FROM "leads"
), "contributions" AS (
  SELECT
    "id",
    "consent_given",
    "decay_days",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    CASE
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN ("age_days_input" - CAST('3.0000000000000000e+01' AS DOUBLE PRECISION)) * CAST('-2.5000000000000001e-02' AS DOUBLE PRECISION)
    END AS "age_days_contribution", /* mean 30, std 20, weight -0.5 */
    CASE
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CASE
        WHEN "source_input" IS NULL
        THEN CAST('-2.0000000000000001e-01' AS DOUBLE PRECISION)
        WHEN "source_input" = 'web'
        THEN CAST('-5.0000000000000003e-02' AS DOUBLE PRECISION)
        WHEN "source_input" = 'fair'
        THEN CAST('4.0000000000000002e-01' AS DOUBLE PRECISION)
        WHEN "source_input" = ''
        THEN CAST('-2.0000000000000001e-01' AS DOUBLE PRECISION)
        ELSE CAST('-1.0000000000000001e-01' AS DOUBLE PRECISION)
      END
    END AS "source_contribution", /* 2 levels, weight 0.25 */
    CASE
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CASE
        WHEN "visits_input" >= CAST('1.0000000000000000e+01' AS DOUBLE PRECISION)
        THEN CAST('2.0000000000000001e-01' AS DOUBLE PRECISION)
        WHEN "visits_input" >= CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)
        THEN CAST('1.0000000000000001e-01' AS DOUBLE PRECISION)
          + (("visits_input" - CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)) * CAST('1.2500000000000001e-02' AS DOUBLE PRECISION))
        WHEN "visits_input" >= CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
        THEN CAST('-2.9999999999999999e-01' AS DOUBLE PRECISION)
          + (("visits_input" - CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)) * CAST('2.0000000000000001e-01' AS DOUBLE PRECISION))
        ELSE CAST('-2.9999999999999999e-01' AS DOUBLE PRECISION)
      END
    END AS "visits_contribution", /* a curve of 3 points, weight 0.25 */
    CAST('9.5000000000000000e+00' AS DOUBLE PRECISION)
      + (CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) * SIGN("age_days_input" - CAST('3.0000000000000000e+01' AS DOUBLE PRECISION))) AS "age_days_reason",
    CASE
      WHEN "source_input" IS NULL
      THEN CAST('8.0000000000000000e+00' AS DOUBLE PRECISION)
      WHEN "source_input" = 'web'
      THEN CAST('6.0000000000000000e+00' AS DOUBLE PRECISION)
      WHEN "source_input" = 'fair'
      THEN CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
      WHEN "source_input" = ''
      THEN CAST('8.0000000000000000e+00' AS DOUBLE PRECISION)
      ELSE CAST('7.0000000000000000e+00' AS DOUBLE PRECISION)
    END AS "source_reason",
    CASE
      WHEN "visits_input" >= CAST('1.0000000000000000e+01' AS DOUBLE PRECISION)
      THEN CAST('4.0000000000000000e+00' AS DOUBLE PRECISION)
      WHEN "visits_input" >= CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('3.0000000000000000e+00' AS DOUBLE PRECISION)
      WHEN "visits_input" >= CAST('1.4999999999999998e+00' AS DOUBLE PRECISION)
      THEN CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)
      WHEN "visits_input" >= CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
      WHEN "visits_input" < CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
    END AS "visits_reason",
    ("adjustment_factor" - CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)) / ("adjustment_factor" + CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)) AS "adjustment_ratio"
  FROM "inputs"
), "lead_scores" AS (
  SELECT
    "id",
    "consent_given",
    "decay_days",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "age_days_reason",
    "source_reason",
    "visits_reason",
    "adjustment_ratio",
    "age_days_contribution" + "source_contribution" + "visits_contribution" AS "lead_score",
    CAST('3.0000000000000000e+00' AS DOUBLE PRECISION) * "age_days_contribution" AS "age_days_effect",
    CAST('3.0000000000000000e+00' AS DOUBLE PRECISION) * "source_contribution" AS "source_effect",
    CAST('3.0000000000000000e+00' AS DOUBLE PRECISION) * "visits_contribution" AS "visits_effect",
    "adjustment_ratio" * "adjustment_ratio" AS "adjustment_square"
  FROM "contributions"
), "log_odds" AS MATERIALIZED (
  SELECT
    "id",
    "consent_given",
    "decay_days",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    CAST('-5.0000000000000000e-01' AS DOUBLE PRECISION)
      + (CAST('3.0000000000000000e+00' AS DOUBLE PRECISION) * "lead_score") AS "log_odds",
    (FLOOR(
        (ABS("age_days_effect") / (ABS("age_days_effect") + CAST('1.6000000000000000e+01' AS DOUBLE PRECISION))) * CAST('2.7487790694400000e+11' AS DOUBLE PRECISION)
      ) * CAST('1.6000000000000000e+01' AS DOUBLE PRECISION))
      + "age_days_reason" AS "age_days_key",
    (FLOOR(
        (ABS("source_effect") / (ABS("source_effect") + CAST('1.6000000000000000e+01' AS DOUBLE PRECISION))) * CAST('2.7487790694400000e+11' AS DOUBLE PRECISION)
      ) * CAST('1.6000000000000000e+01' AS DOUBLE PRECISION))
      + "source_reason" AS "source_key",
    (FLOOR(
        (ABS("visits_effect") / (ABS("visits_effect") + CAST('1.6000000000000000e+01' AS DOUBLE PRECISION))) * CAST('2.7487790694400000e+11' AS DOUBLE PRECISION)
      ) * CAST('1.6000000000000000e+01' AS DOUBLE PRECISION))
      + "visits_reason" AS "visits_key",
    (CAST('2.0000000000000000e+00' AS DOUBLE PRECISION) * "adjustment_ratio") * (CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
      + ("adjustment_square" * (CAST('3.3333333333333331e-01' AS DOUBLE PRECISION)
        + ("adjustment_square" * (CAST('2.0000000000000001e-01' AS DOUBLE PRECISION)
          + ("adjustment_square" * (CAST('1.4285714285714285e-01' AS DOUBLE PRECISION)
            + ("adjustment_square" * (CAST('1.1111111111111110e-01' AS DOUBLE PRECISION)
              + ("adjustment_square" * (CAST('9.0909090909090912e-02' AS DOUBLE PRECISION)
                + ("adjustment_square" * CAST('7.6923076923076927e-02' AS DOUBLE PRECISION))))))))))))) AS "adjustment_log"
  FROM "lead_scores"
), "round_1" AS MATERIALIZED (
  SELECT
    "id",
    "consent_given",
    "decay_days",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "visits_key",
    "adjustment_log",
    CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) * (("age_days_key" + "source_key") + ABS("age_days_key" - "source_key")) AS "key_1_1_1",
    CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) * (("age_days_key" + "source_key") - ABS("age_days_key" - "source_key")) AS "key_1_1_2"
  FROM "log_odds"
), "round_2" AS MATERIALIZED (
  SELECT
    "id",
    "consent_given",
    "decay_days",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "adjustment_log",
    CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) * (("key_1_1_1" + "visits_key") + ABS("key_1_1_1" - "visits_key")) AS "key_2_1_1",
    CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) * (("key_1_1_2"
        + (CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) * (("key_1_1_1" + "visits_key") - ABS("key_1_1_1" - "visits_key"))))
      + ABS(
        "key_1_1_2" - (CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) * (("key_1_1_1" + "visits_key") - ABS("key_1_1_1" - "visits_key")))
      )) AS "key_2_1_2"
  FROM "round_1"
), "reason_codes" AS MATERIALIZED (
  SELECT
    "id",
    "consent_given",
    "decay_days",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "adjustment_log",
    CASE
      WHEN "key_2_1_1" >= CAST('1.6000000000000000e+01' AS DOUBLE PRECISION)
      THEN "key_2_1_1" - (CAST('1.6000000000000000e+01' AS DOUBLE PRECISION) * FLOOR("key_2_1_1" / CAST('1.6000000000000000e+01' AS DOUBLE PRECISION)))
    END AS "code_1",
    CASE
      WHEN "key_2_1_2" >= CAST('1.6000000000000000e+01' AS DOUBLE PRECISION)
      THEN "key_2_1_2" - (CAST('1.6000000000000000e+01' AS DOUBLE PRECISION) * FLOOR("key_2_1_2" / CAST('1.6000000000000000e+01' AS DOUBLE PRECISION)))
    END AS "code_2"
  FROM "round_2"
), "calibrated" AS MATERIALIZED (
  SELECT
    "id",
    "consent_given",
    "decay_days",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "adjustment_log",
    "code_1",
    "code_2",
    CASE
      WHEN "log_odds" >= CAST('1.5000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('1.2500000000000000e+00' AS DOUBLE PRECISION)
      WHEN "log_odds" >= CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('2.5000000000000000e-01' AS DOUBLE PRECISION)
        + (("log_odds" - CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)) * CAST('6.6666666666666663e-01' AS DOUBLE PRECISION))
      WHEN "log_odds" >= CAST('-2.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('-1.5000000000000000e+00' AS DOUBLE PRECISION)
        + (("log_odds" - CAST('-2.0000000000000000e+00' AS DOUBLE PRECISION)) * CAST('8.7500000000000000e-01' AS DOUBLE PRECISION))
      WHEN "log_odds" < CAST('-2.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN CAST('-1.5000000000000000e+00' AS DOUBLE PRECISION)
    END AS "calibrated_log_odds"
  FROM "reason_codes"
), "adjusted" AS MATERIALIZED (
  SELECT
    "id",
    "consent_given",
    "log_odds_before",
    "owner_text",
    "key_text_1",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "code_1",
    "code_2",
    "calibrated_log_odds",
    ("calibrated_log_odds" + "adjustment_log") - ("decay_days" * CAST('2.3104906018664842e-02' AS DOUBLE PRECISION)) AS "adjusted_log_odds"
  FROM "calibrated"
), "ranked" AS (
  SELECT
    "id",
    "consent_given",
    "log_odds_before",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "code_1",
    "code_2",
    "calibrated_log_odds",
    "adjusted_log_odds",
    ROW_NUMBER() OVER (
      PARTITION BY "owner_text"
      ORDER BY CASE WHEN "adjusted_log_odds" IS NULL THEN 1 ELSE 0 END, "adjusted_log_odds" DESC, "key_text_1" COLLATE "C"
    ) AS "rank_place",
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN "adjusted_log_odds" IS NULL THEN 1 ELSE 0 END, "adjusted_log_odds" DESC, "key_text_1" COLLATE "C"
    ) AS "overall_place",
    COUNT("adjusted_log_odds") OVER () AS "scored_rows"
  FROM "adjusted"
), "odds" AS (
  SELECT
    "id",
    "consent_given",
    "log_odds_before",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "code_1",
    "code_2",
    "calibrated_log_odds",
    "adjusted_log_odds",
    "rank_place",
    CASE
      WHEN "calibrated_log_odds" BETWEEN CAST('-7.0800000000000000e+02' AS DOUBLE PRECISION) AND CAST('7.0800000000000000e+02' AS DOUBLE PRECISION)
      THEN EXP("calibrated_log_odds")
      ELSE CASE
        WHEN "calibrated_log_odds" >= CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
        THEN CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
        WHEN "calibrated_log_odds" < CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
        THEN CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
      END
    END AS "odds",
    CASE
      WHEN "adjusted_log_odds" BETWEEN CAST('-7.0800000000000000e+02' AS DOUBLE PRECISION) AND CAST('7.0800000000000000e+02' AS DOUBLE PRECISION)
      THEN EXP("adjusted_log_odds")
      ELSE CASE
        WHEN "adjusted_log_odds" >= CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
        THEN CAST('1.0000000000000000e+100' AS DOUBLE PRECISION)
        WHEN "adjusted_log_odds" < CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
        THEN CAST('0.0000000000000000e+00' AS DOUBLE PRECISION)
      END
    END AS "adjusted_odds",
    CASE
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
      THEN (CAST('1.0000000000000000e+01' AS DOUBLE PRECISION) * (CAST("overall_place" AS DOUBLE PRECISION) - CAST('1.0000000000000000e+00' AS DOUBLE PRECISION))) / CAST("scored_rows" AS DOUBLE PRECISION)
    END AS "tenths_before"
  FROM "ranked"
), "percent" AS (
  SELECT
    "id",
    "consent_given",
    "log_odds_before",
    "age_days_contribution",
    "source_contribution",
    "visits_contribution",
    "lead_score",
    "age_days_effect",
    "source_effect",
    "visits_effect",
    "log_odds",
    "code_1",
    "code_2",
    "calibrated_log_odds",
    "adjusted_log_odds",
    "rank_place",
    "odds",
    "adjusted_odds",
    "tenths_before",
    (CAST('1.0000000000000000e+02' AS DOUBLE PRECISION) * ("adjusted_odds" / (CAST('1.0000000000000000e+00' AS DOUBLE PRECISION) + "adjusted_odds")))
      + CAST('5.0000000000000000e-01' AS DOUBLE PRECISION) AS "percent_and_half"
  FROM "odds"
)
SELECT
  "id",
  "lead_score",
  "log_odds",
  "calibrated_log_odds",
  "odds" / (CAST('1.0000000000000000e+00' AS DOUBLE PRECISION) + "odds") AS "probability",
  "adjusted_log_odds",
  "adjusted_odds" / (CAST('1.0000000000000000e+00' AS DOUBLE PRECISION) + "adjusted_odds") AS "adjusted_probability",
  CASE
    WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'scored'
    ELSE 'no_consent'
  END AS "status",
  CASE
    WHEN ("percent_and_half" - FLOOR("percent_and_half")) BETWEEN CAST('9.9999999999999995e-08' AS DOUBLE PRECISION) AND CAST('9.9999990000000005e-01' AS DOUBLE PRECISION)
    THEN CAST(FLOOR("percent_and_half") AS INT)
    ELSE CASE
      WHEN "adjusted_log_odds" >= CAST('-2.0000666710000000e-02' AS DOUBLE PRECISION)
      THEN CASE
        WHEN "adjusted_log_odds" >= CAST('1.0721206729999999e+00' AS DOUBLE PRECISION)
        THEN CASE
          WHEN "adjusted_log_odds" >= CAST('1.9459101489999999e+00' AS DOUBLE PRECISION)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('2.6661592590000001e+00' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('3.3167800399999998e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('4.1845914400000002e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('5.2933048249999999e+00' AS DOUBLE PRECISION) THEN 100 ELSE 99 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('3.6635616459999998e+00' AS DOUBLE PRECISION) THEN 98 ELSE 97 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.8438517420000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('3.0550488510000000e+00' AS DOUBLE PRECISION) THEN 96 ELSE 95 END
                ELSE 94
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('2.2540580520000000e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('2.3762728090000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('2.5123056240000001e+00' AS DOUBLE PRECISION) THEN 93 ELSE 92 END
                ELSE 91
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.0406555169999998e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('2.1428633680000000e+00' AS DOUBLE PRECISION) THEN 90 ELSE 89 END
                ELSE 88
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('1.4178427190000000e+00' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('1.6214862510000001e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('1.7743677270000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.8574547280000000e+00' AS DOUBLE PRECISION) THEN 87 ELSE 86 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('1.6959115100000000e+00' AS DOUBLE PRECISION) THEN 85 ELSE 84 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('1.4828322880000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.5505974119999999e+00' AS DOUBLE PRECISION) THEN 83 ELSE 82 END
                ELSE 81
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('1.2367626270000001e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('1.2950456900000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.3553321359999999e+00' AS DOUBLE PRECISION) THEN 80 ELSE 79 END
                ELSE 78
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('1.1254595390000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.1802903199999999e+00' AS DOUBLE PRECISION) THEN 77 ELSE 76 END
                ELSE 75
              END
            END
          END
        END
        ELSE CASE
          WHEN "adjusted_log_odds" >= CAST('4.6837893349999998e-01' AS DOUBLE PRECISION)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('7.3088750849999995e-01' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('8.7122244650000003e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('9.6940055719999996e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.0201406730000000e+00' AS DOUBLE PRECISION) THEN 74 ELSE 73 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('9.1979336239999998e-01' AS DOUBLE PRECISION) THEN 72 ELSE 71 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('7.7684619939999999e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('8.2360006900000005e-01' AS DOUBLE PRECISION) THEN 70 ELSE 69 END
                ELSE 68
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('5.9713252729999999e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('6.4109081859999995e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('6.8565650879999995e-01' AS DOUBLE PRECISION) THEN 67 ELSE 66 END
                ELSE 65
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('5.1082562379999996e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('5.5372764529999996e-01' AS DOUBLE PRECISION) THEN 64 ELSE 63 END
                ELSE 62
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('2.2089383160000001e-01' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('3.4333332700000002e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('3.8467433839999998e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('4.2634269310000000e-01' AS DOUBLE PRECISION) THEN 61 ELSE 60 END
                ELSE 59
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.6147970009999999e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('3.0228087190000003e-01' AS DOUBLE PRECISION) THEN 58 ELSE 57 END
                ELSE 56
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('1.0008345859999999e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('1.4022934130000000e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.8048837570000001e-01' AS DOUBLE PRECISION) THEN 55 ELSE 54 END
                ELSE 53
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.0000666710000000e-02' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('6.0018009730000002e-02' AS DOUBLE PRECISION) THEN 52 ELSE 51 END
                ELSE 50
              END
            END
          END
        END
      END
      WHEN "adjusted_log_odds" < CAST('-2.0000666710000000e-02' AS DOUBLE PRECISION)
      THEN CASE
        WHEN "adjusted_log_odds" >= CAST('-1.1254595390000000e+00' AS DOUBLE PRECISION)
        THEN CASE
          WHEN "adjusted_log_odds" >= CAST('-5.5372764529999996e-01' AS DOUBLE PRECISION)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('-3.0228087190000003e-01' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-1.8048837570000001e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-1.0008345859999999e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-6.0018009730000002e-02' AS DOUBLE PRECISION) THEN 49 ELSE 48 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('-1.4022934130000000e-01' AS DOUBLE PRECISION) THEN 47 ELSE 46 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-2.6147970009999999e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-2.2089383160000001e-01' AS DOUBLE PRECISION) THEN 45 ELSE 44 END
                ELSE 43
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-4.2634269310000000e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-3.8467433839999998e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-3.4333332700000002e-01' AS DOUBLE PRECISION) THEN 42 ELSE 41 END
                ELSE 40
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-5.1082562379999996e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-4.6837893349999998e-01' AS DOUBLE PRECISION) THEN 39 ELSE 38 END
                ELSE 37
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('-8.2360006900000005e-01' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-6.8565650879999995e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-6.4109081859999995e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-5.9713252729999999e-01' AS DOUBLE PRECISION) THEN 36 ELSE 35 END
                ELSE 34
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-7.7684619939999999e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-7.3088750849999995e-01' AS DOUBLE PRECISION) THEN 33 ELSE 32 END
                ELSE 31
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-9.6940055719999996e-01' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-9.1979336239999998e-01' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-8.7122244650000003e-01' AS DOUBLE PRECISION) THEN 30 ELSE 29 END
                ELSE 28
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-1.0721206729999999e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.0201406730000000e+00' AS DOUBLE PRECISION) THEN 27 ELSE 26 END
                ELSE 25
              END
            END
          END
        END
        ELSE CASE
          WHEN "adjusted_log_odds" >= CAST('-2.0406555169999998e+00' AS DOUBLE PRECISION)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('-1.5505974119999999e+00' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-1.3553321359999999e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-1.2367626270000001e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.1802903199999999e+00' AS DOUBLE PRECISION) THEN 24 ELSE 23 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('-1.2950456900000000e+00' AS DOUBLE PRECISION) THEN 22 ELSE 21 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-1.4828322880000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.4178427190000000e+00' AS DOUBLE PRECISION) THEN 20 ELSE 19 END
                ELSE 18
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-1.7743677270000000e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-1.6959115100000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.6214862510000001e+00' AS DOUBLE PRECISION) THEN 17 ELSE 16 END
                ELSE 15
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-1.9459101489999999e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.8574547280000000e+00' AS DOUBLE PRECISION) THEN 14 ELSE 13 END
                ELSE 12
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('-2.8438517420000000e+00' AS DOUBLE PRECISION)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-2.3762728090000000e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-2.2540580520000000e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-2.1428633680000000e+00' AS DOUBLE PRECISION) THEN 11 ELSE 10 END
                ELSE 9
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-2.6661592590000001e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-2.5123056240000001e+00' AS DOUBLE PRECISION) THEN 8 ELSE 7 END
                ELSE 6
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-3.6635616459999998e+00' AS DOUBLE PRECISION)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-3.3167800399999998e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-3.0550488510000000e+00' AS DOUBLE PRECISION) THEN 5 ELSE 4 END
                ELSE 3
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-5.2933048249999999e+00' AS DOUBLE PRECISION)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-4.1845914400000002e+00' AS DOUBLE PRECISION) THEN 2 ELSE 1 END
                ELSE 0
              END
            END
          END
        END
      END
    END
  END AS "score_100",
  CASE
    WHEN "adjusted_log_odds" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'hot'
    WHEN "adjusted_log_odds" >= CAST('-5.0000000000000000e-01' AS DOUBLE PRECISION)
    THEN 'warm'
    WHEN "adjusted_log_odds" < CAST('-5.0000000000000000e-01' AS DOUBLE PRECISION)
    THEN 'cold'
  END AS "band",
  CASE
    WHEN "adjusted_log_odds" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'call today'
    WHEN "adjusted_log_odds" >= CAST('-5.0000000000000000e-01' AS DOUBLE PRECISION)
    THEN 'send an e-mail'
  END AS "action",
  CASE
    WHEN "adjusted_log_odds" >= CAST('5.0000000000000000e-01' AS DOUBLE PRECISION)
    THEN 1
    WHEN "adjusted_log_odds" < CAST('5.0000000000000000e-01' AS DOUBLE PRECISION)
    THEN 0
  END AS "decision",
  CASE
    WHEN ("adjusted_log_odds" - "log_odds_before") >= CAST('2.5000000000000000e-01' AS DOUBLE PRECISION)
    THEN 'improving'
    WHEN ("adjusted_log_odds" - "log_odds_before") >= CAST('-2.5000000000000000e-01' AS DOUBLE PRECISION)
    THEN 'steady'
    WHEN ("adjusted_log_odds" - "log_odds_before") < CAST('-2.5000000000000000e-01' AS DOUBLE PRECISION)
    THEN 'declining'
  END AS "trend",
  CASE
    WHEN "code_1" >= CAST('1.0000000000000000e+01' AS DOUBLE PRECISION)
    THEN 'against: no news for long'
    WHEN "code_1" >= CAST('9.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'young'
    WHEN "code_1" >= CAST('8.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: source: missing'
    WHEN "code_1" >= CAST('7.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: source: another value'
    WHEN "code_1" >= CAST('6.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: source: web'
    WHEN "code_1" >= CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'source: fair'
    WHEN "code_1" >= CAST('4.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'visits: 10 or more'
    WHEN "code_1" >= CAST('3.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'visits: 2 to 10'
    WHEN "code_1" >= CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'visits: 0 to 2'
    WHEN "code_1" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: visits: 0 to 2'
    WHEN "code_1" < CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: visits: below 0'
  END AS "reason_1",
  CASE
    WHEN "code_1" >= CAST('9.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN "age_days_effect"
    WHEN "code_1" >= CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN "source_effect"
    WHEN "code_1" < CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN "visits_effect"
  END AS "reason_1_effect",
  CASE
    WHEN "code_2" >= CAST('1.0000000000000000e+01' AS DOUBLE PRECISION)
    THEN 'against: no news for long'
    WHEN "code_2" >= CAST('9.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'young'
    WHEN "code_2" >= CAST('8.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: source: missing'
    WHEN "code_2" >= CAST('7.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: source: another value'
    WHEN "code_2" >= CAST('6.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: source: web'
    WHEN "code_2" >= CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'source: fair'
    WHEN "code_2" >= CAST('4.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'visits: 10 or more'
    WHEN "code_2" >= CAST('3.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'visits: 2 to 10'
    WHEN "code_2" >= CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'visits: 0 to 2'
    WHEN "code_2" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: visits: 0 to 2'
    WHEN "code_2" < CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 'against: visits: below 0'
  END AS "reason_2",
  CASE
    WHEN "code_2" >= CAST('9.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN "age_days_effect"
    WHEN "code_2" >= CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN "source_effect"
    WHEN "code_2" < CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN "visits_effect"
  END AS "reason_2_effect",
  CASE
    WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN "rank_place"
  END AS "rank",
  CASE
    WHEN "tenths_before" >= CAST('9.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 10
    WHEN "tenths_before" >= CAST('8.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 9
    WHEN "tenths_before" >= CAST('7.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 8
    WHEN "tenths_before" >= CAST('6.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 7
    WHEN "tenths_before" >= CAST('5.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 6
    WHEN "tenths_before" >= CAST('4.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 5
    WHEN "tenths_before" >= CAST('3.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 4
    WHEN "tenths_before" >= CAST('2.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 3
    WHEN "tenths_before" >= CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 2
    WHEN "tenths_before" < CAST('1.0000000000000000e+00' AS DOUBLE PRECISION)
    THEN 1
  END AS "decile",
  "age_days_contribution",
  "source_contribution",
  "visits_contribution",
  "age_days_effect",
  "source_effect",
  "visits_effect"
FROM "percent"
