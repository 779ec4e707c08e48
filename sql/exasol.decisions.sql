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
      WHEN CAST("age_days" AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST("age_days" AS DOUBLE)
      ELSE CAST('3.0000000000000000e+01' AS DOUBLE)
    END AS "age_days_input",
    CAST("source" AS VARCHAR(2000000)) AS "source_input",
    CASE
      WHEN CAST("visits" AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST("visits" AS DOUBLE)
      ELSE CAST('2.0000000000000000e+00' AS DOUBLE)
    END AS "visits_input",
    CASE
      WHEN CAST("may_contact" AS VARCHAR(2000000)) = 'yes'
      THEN CAST('1.0000000000000000e+00' AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS "consent_given",
    CASE
      WHEN CAST("judgement" AS DOUBLE) BETWEEN CAST('9.0000000000000002e-01' AS DOUBLE) AND CAST('1.1000000000000001e+00' AS DOUBLE)
      THEN CAST("judgement" AS DOUBLE)
      WHEN CAST("judgement" AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('9.0000000000000002e-01' AS DOUBLE)
      THEN CAST('9.0000000000000002e-01' AS DOUBLE)
      WHEN CAST("judgement" AS DOUBLE) BETWEEN CAST('1.1000000000000001e+00' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST('1.1000000000000001e+00' AS DOUBLE)
      ELSE CAST('1.0000000000000000e+00' AS DOUBLE)
    END AS "adjustment_factor",
    CASE
      WHEN (CAST('2.0634000000000000e+04' AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("last_seen" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)) >= CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('2.0634000000000000e+04' AS DOUBLE) - CAST(DAYS_BETWEEN(CAST("last_seen" AS DATE), TO_DATE('1970-01-01', 'YYYY-MM-DD')) AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS "decay_days",
    CASE
      WHEN CAST("log_odds_last_month" AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST("log_odds_last_month" AS DOUBLE)
    END AS "log_odds_before",
    CAST("rep" AS VARCHAR(2000000)) AS "owner_text",
    CAST("id" AS VARCHAR(2000000)) AS "key_text_1"
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
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE)
      THEN ("age_days_input" - CAST('3.0000000000000000e+01' AS DOUBLE)) * CAST('-2.5000000000000001e-02' AS DOUBLE)
    END AS "age_days_contribution", /* mean 30, std 20, weight -0.5 */
    CASE
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE)
      THEN CASE
        WHEN "source_input" IS NULL
        THEN CAST('-2.0000000000000001e-01' AS DOUBLE)
        WHEN "source_input" = 'web'
        THEN CAST('-5.0000000000000003e-02' AS DOUBLE)
        WHEN "source_input" = 'fair'
        THEN CAST('4.0000000000000002e-01' AS DOUBLE)
        WHEN "source_input" = ''
        THEN CAST('-2.0000000000000001e-01' AS DOUBLE)
        ELSE CAST('-1.0000000000000001e-01' AS DOUBLE)
      END
    END AS "source_contribution", /* 2 levels, weight 0.25 */
    CASE
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE)
      THEN CASE
        WHEN "visits_input" >= CAST('1.0000000000000000e+01' AS DOUBLE)
        THEN CAST('2.0000000000000001e-01' AS DOUBLE)
        WHEN "visits_input" >= CAST('2.0000000000000000e+00' AS DOUBLE)
        THEN CAST('1.0000000000000001e-01' AS DOUBLE)
          + (("visits_input" - CAST('2.0000000000000000e+00' AS DOUBLE)) * CAST('1.2500000000000001e-02' AS DOUBLE))
        WHEN "visits_input" >= CAST('0.0000000000000000e+00' AS DOUBLE)
        THEN CAST('-2.9999999999999999e-01' AS DOUBLE)
          + (("visits_input" - CAST('0.0000000000000000e+00' AS DOUBLE)) * CAST('2.0000000000000001e-01' AS DOUBLE))
        ELSE CAST('-2.9999999999999999e-01' AS DOUBLE)
      END
    END AS "visits_contribution", /* a curve of 3 points, weight 0.25 */
    CAST('9.5000000000000000e+00' AS DOUBLE)
      + (CAST('5.0000000000000000e-01' AS DOUBLE) * SIGN("age_days_input" - CAST('3.0000000000000000e+01' AS DOUBLE))) AS "age_days_reason",
    CASE
      WHEN "source_input" IS NULL
      THEN CAST('8.0000000000000000e+00' AS DOUBLE)
      WHEN "source_input" = 'web'
      THEN CAST('6.0000000000000000e+00' AS DOUBLE)
      WHEN "source_input" = 'fair'
      THEN CAST('5.0000000000000000e+00' AS DOUBLE)
      WHEN "source_input" = ''
      THEN CAST('8.0000000000000000e+00' AS DOUBLE)
      ELSE CAST('7.0000000000000000e+00' AS DOUBLE)
    END AS "source_reason",
    CASE
      WHEN "visits_input" >= CAST('1.0000000000000000e+01' AS DOUBLE)
      THEN CAST('4.0000000000000000e+00' AS DOUBLE)
      WHEN "visits_input" >= CAST('2.0000000000000000e+00' AS DOUBLE)
      THEN CAST('3.0000000000000000e+00' AS DOUBLE)
      WHEN "visits_input" >= CAST('1.4999999999999998e+00' AS DOUBLE)
      THEN CAST('2.0000000000000000e+00' AS DOUBLE)
      WHEN "visits_input" >= CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('1.0000000000000000e+00' AS DOUBLE)
      WHEN "visits_input" < CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS "visits_reason",
    ("adjustment_factor" - CAST('1.0000000000000000e+00' AS DOUBLE)) / ("adjustment_factor" + CAST('1.0000000000000000e+00' AS DOUBLE)) AS "adjustment_ratio"
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
    CAST('3.0000000000000000e+00' AS DOUBLE) * "age_days_contribution" AS "age_days_effect",
    CAST('3.0000000000000000e+00' AS DOUBLE) * "source_contribution" AS "source_effect",
    CAST('3.0000000000000000e+00' AS DOUBLE) * "visits_contribution" AS "visits_effect",
    "adjustment_ratio" * "adjustment_ratio" AS "adjustment_square"
  FROM "contributions"
), "log_odds" AS (
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
    CAST('-5.0000000000000000e-01' AS DOUBLE)
      + (CAST('3.0000000000000000e+00' AS DOUBLE) * "lead_score") AS "log_odds",
    (FLOOR(
        (ABS("age_days_effect") / (ABS("age_days_effect") + CAST('1.6000000000000000e+01' AS DOUBLE))) * CAST('2.7487790694400000e+11' AS DOUBLE)
      ) * CAST('1.6000000000000000e+01' AS DOUBLE))
      + "age_days_reason" AS "age_days_key",
    (FLOOR(
        (ABS("source_effect") / (ABS("source_effect") + CAST('1.6000000000000000e+01' AS DOUBLE))) * CAST('2.7487790694400000e+11' AS DOUBLE)
      ) * CAST('1.6000000000000000e+01' AS DOUBLE))
      + "source_reason" AS "source_key",
    (FLOOR(
        (ABS("visits_effect") / (ABS("visits_effect") + CAST('1.6000000000000000e+01' AS DOUBLE))) * CAST('2.7487790694400000e+11' AS DOUBLE)
      ) * CAST('1.6000000000000000e+01' AS DOUBLE))
      + "visits_reason" AS "visits_key",
    (CAST('2.0000000000000000e+00' AS DOUBLE) * "adjustment_ratio") * (CAST('1.0000000000000000e+00' AS DOUBLE)
      + ("adjustment_square" * (CAST('3.3333333333333331e-01' AS DOUBLE)
        + ("adjustment_square" * (CAST('2.0000000000000001e-01' AS DOUBLE)
          + ("adjustment_square" * (CAST('1.4285714285714285e-01' AS DOUBLE)
            + ("adjustment_square" * (CAST('1.1111111111111110e-01' AS DOUBLE)
              + ("adjustment_square" * (CAST('9.0909090909090912e-02' AS DOUBLE)
                + ("adjustment_square" * CAST('7.6923076923076927e-02' AS DOUBLE))))))))))))) AS "adjustment_log"
  FROM "lead_scores"
), "round_1" AS (
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
    CAST('5.0000000000000000e-01' AS DOUBLE) * (("age_days_key" + "source_key") + ABS("age_days_key" - "source_key")) AS "key_1_1_1",
    CAST('5.0000000000000000e-01' AS DOUBLE) * (("age_days_key" + "source_key") - ABS("age_days_key" - "source_key")) AS "key_1_1_2"
  FROM "log_odds"
), "round_2" AS (
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
    CAST('5.0000000000000000e-01' AS DOUBLE) * (("key_1_1_1" + "visits_key") + ABS("key_1_1_1" - "visits_key")) AS "key_2_1_1",
    CAST('5.0000000000000000e-01' AS DOUBLE) * (("key_1_1_2"
        + (CAST('5.0000000000000000e-01' AS DOUBLE) * (("key_1_1_1" + "visits_key") - ABS("key_1_1_1" - "visits_key"))))
      + ABS(
        "key_1_1_2" - (CAST('5.0000000000000000e-01' AS DOUBLE) * (("key_1_1_1" + "visits_key") - ABS("key_1_1_1" - "visits_key")))
      )) AS "key_2_1_2"
  FROM "round_1"
), "reason_codes" AS (
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
      WHEN "key_2_1_1" >= CAST('1.6000000000000000e+01' AS DOUBLE)
      THEN "key_2_1_1" - (CAST('1.6000000000000000e+01' AS DOUBLE) * FLOOR("key_2_1_1" / CAST('1.6000000000000000e+01' AS DOUBLE)))
    END AS "code_1",
    CASE
      WHEN "key_2_1_2" >= CAST('1.6000000000000000e+01' AS DOUBLE)
      THEN "key_2_1_2" - (CAST('1.6000000000000000e+01' AS DOUBLE) * FLOOR("key_2_1_2" / CAST('1.6000000000000000e+01' AS DOUBLE)))
    END AS "code_2"
  FROM "round_2"
), "calibrated" AS (
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
      WHEN "log_odds" >= CAST('1.5000000000000000e+00' AS DOUBLE)
      THEN CAST('1.2500000000000000e+00' AS DOUBLE)
      WHEN "log_odds" >= CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('2.5000000000000000e-01' AS DOUBLE)
        + (("log_odds" - CAST('0.0000000000000000e+00' AS DOUBLE)) * CAST('6.6666666666666663e-01' AS DOUBLE))
      WHEN "log_odds" >= CAST('-2.0000000000000000e+00' AS DOUBLE)
      THEN CAST('-1.5000000000000000e+00' AS DOUBLE)
        + (("log_odds" - CAST('-2.0000000000000000e+00' AS DOUBLE)) * CAST('8.7500000000000000e-01' AS DOUBLE))
      WHEN "log_odds" < CAST('-2.0000000000000000e+00' AS DOUBLE)
      THEN CAST('-1.5000000000000000e+00' AS DOUBLE)
    END AS "calibrated_log_odds"
  FROM "reason_codes"
), "adjusted" AS (
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
    ("calibrated_log_odds" + "adjustment_log") - ("decay_days" * CAST('2.3104906018664842e-02' AS DOUBLE)) AS "adjusted_log_odds"
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
      ORDER BY CASE WHEN "adjusted_log_odds" IS NULL THEN 1 ELSE 0 END, "adjusted_log_odds" DESC, "key_text_1"
    ) AS "rank_place",
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN "adjusted_log_odds" IS NULL THEN 1 ELSE 0 END, "adjusted_log_odds" DESC, "key_text_1"
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
      WHEN "calibrated_log_odds" BETWEEN CAST('-7.0800000000000000e+02' AS DOUBLE) AND CAST('7.0800000000000000e+02' AS DOUBLE)
      THEN EXP("calibrated_log_odds")
      ELSE CASE
        WHEN "calibrated_log_odds" >= CAST('0.0000000000000000e+00' AS DOUBLE)
        THEN CAST('1.0000000000000000e+100' AS DOUBLE)
        WHEN "calibrated_log_odds" < CAST('0.0000000000000000e+00' AS DOUBLE)
        THEN CAST('0.0000000000000000e+00' AS DOUBLE)
      END
    END AS "odds",
    CASE
      WHEN "adjusted_log_odds" BETWEEN CAST('-7.0800000000000000e+02' AS DOUBLE) AND CAST('7.0800000000000000e+02' AS DOUBLE)
      THEN EXP("adjusted_log_odds")
      ELSE CASE
        WHEN "adjusted_log_odds" >= CAST('0.0000000000000000e+00' AS DOUBLE)
        THEN CAST('1.0000000000000000e+100' AS DOUBLE)
        WHEN "adjusted_log_odds" < CAST('0.0000000000000000e+00' AS DOUBLE)
        THEN CAST('0.0000000000000000e+00' AS DOUBLE)
      END
    END AS "adjusted_odds",
    CASE
      WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE)
      THEN (CAST('1.0000000000000000e+01' AS DOUBLE) * (CAST("overall_place" AS DOUBLE) - CAST('1.0000000000000000e+00' AS DOUBLE))) / CAST("scored_rows" AS DOUBLE)
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
    (CAST('1.0000000000000000e+02' AS DOUBLE) * ("adjusted_odds" / (CAST('1.0000000000000000e+00' AS DOUBLE) + "adjusted_odds")))
      + CAST('5.0000000000000000e-01' AS DOUBLE) AS "percent_and_half"
  FROM "odds"
)
SELECT
  "id",
  "lead_score",
  "log_odds",
  "calibrated_log_odds",
  "odds" / (CAST('1.0000000000000000e+00' AS DOUBLE) + "odds") AS "probability",
  "adjusted_log_odds",
  "adjusted_odds" / (CAST('1.0000000000000000e+00' AS DOUBLE) + "adjusted_odds") AS "adjusted_probability",
  CASE
    WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 'scored'
    ELSE 'no_consent'
  END AS "status",
  CASE
    WHEN ("percent_and_half" - FLOOR("percent_and_half")) BETWEEN CAST('9.9999999999999995e-08' AS DOUBLE) AND CAST('9.9999990000000005e-01' AS DOUBLE)
    THEN CAST(FLOOR("percent_and_half") AS INT)
    ELSE CASE
      WHEN "adjusted_log_odds" >= CAST('-2.0000666710000000e-02' AS DOUBLE)
      THEN CASE
        WHEN "adjusted_log_odds" >= CAST('1.0721206729999999e+00' AS DOUBLE)
        THEN CASE
          WHEN "adjusted_log_odds" >= CAST('1.9459101489999999e+00' AS DOUBLE)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('2.6661592590000001e+00' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('3.3167800399999998e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('4.1845914400000002e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('5.2933048249999999e+00' AS DOUBLE) THEN 100 ELSE 99 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('3.6635616459999998e+00' AS DOUBLE) THEN 98 ELSE 97 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.8438517420000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('3.0550488510000000e+00' AS DOUBLE) THEN 96 ELSE 95 END
                ELSE 94
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('2.2540580520000000e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('2.3762728090000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('2.5123056240000001e+00' AS DOUBLE) THEN 93 ELSE 92 END
                ELSE 91
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.0406555169999998e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('2.1428633680000000e+00' AS DOUBLE) THEN 90 ELSE 89 END
                ELSE 88
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('1.4178427190000000e+00' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('1.6214862510000001e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('1.7743677270000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.8574547280000000e+00' AS DOUBLE) THEN 87 ELSE 86 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('1.6959115100000000e+00' AS DOUBLE) THEN 85 ELSE 84 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('1.4828322880000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.5505974119999999e+00' AS DOUBLE) THEN 83 ELSE 82 END
                ELSE 81
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('1.2367626270000001e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('1.2950456900000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.3553321359999999e+00' AS DOUBLE) THEN 80 ELSE 79 END
                ELSE 78
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('1.1254595390000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.1802903199999999e+00' AS DOUBLE) THEN 77 ELSE 76 END
                ELSE 75
              END
            END
          END
        END
        ELSE CASE
          WHEN "adjusted_log_odds" >= CAST('4.6837893349999998e-01' AS DOUBLE)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('7.3088750849999995e-01' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('8.7122244650000003e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('9.6940055719999996e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.0201406730000000e+00' AS DOUBLE) THEN 74 ELSE 73 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('9.1979336239999998e-01' AS DOUBLE) THEN 72 ELSE 71 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('7.7684619939999999e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('8.2360006900000005e-01' AS DOUBLE) THEN 70 ELSE 69 END
                ELSE 68
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('5.9713252729999999e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('6.4109081859999995e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('6.8565650879999995e-01' AS DOUBLE) THEN 67 ELSE 66 END
                ELSE 65
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('5.1082562379999996e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('5.5372764529999996e-01' AS DOUBLE) THEN 64 ELSE 63 END
                ELSE 62
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('2.2089383160000001e-01' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('3.4333332700000002e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('3.8467433839999998e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('4.2634269310000000e-01' AS DOUBLE) THEN 61 ELSE 60 END
                ELSE 59
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.6147970009999999e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('3.0228087190000003e-01' AS DOUBLE) THEN 58 ELSE 57 END
                ELSE 56
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('1.0008345859999999e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('1.4022934130000000e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('1.8048837570000001e-01' AS DOUBLE) THEN 55 ELSE 54 END
                ELSE 53
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('2.0000666710000000e-02' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('6.0018009730000002e-02' AS DOUBLE) THEN 52 ELSE 51 END
                ELSE 50
              END
            END
          END
        END
      END
      WHEN "adjusted_log_odds" < CAST('-2.0000666710000000e-02' AS DOUBLE)
      THEN CASE
        WHEN "adjusted_log_odds" >= CAST('-1.1254595390000000e+00' AS DOUBLE)
        THEN CASE
          WHEN "adjusted_log_odds" >= CAST('-5.5372764529999996e-01' AS DOUBLE)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('-3.0228087190000003e-01' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-1.8048837570000001e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-1.0008345859999999e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-6.0018009730000002e-02' AS DOUBLE) THEN 49 ELSE 48 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('-1.4022934130000000e-01' AS DOUBLE) THEN 47 ELSE 46 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-2.6147970009999999e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-2.2089383160000001e-01' AS DOUBLE) THEN 45 ELSE 44 END
                ELSE 43
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-4.2634269310000000e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-3.8467433839999998e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-3.4333332700000002e-01' AS DOUBLE) THEN 42 ELSE 41 END
                ELSE 40
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-5.1082562379999996e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-4.6837893349999998e-01' AS DOUBLE) THEN 39 ELSE 38 END
                ELSE 37
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('-8.2360006900000005e-01' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-6.8565650879999995e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-6.4109081859999995e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-5.9713252729999999e-01' AS DOUBLE) THEN 36 ELSE 35 END
                ELSE 34
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-7.7684619939999999e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-7.3088750849999995e-01' AS DOUBLE) THEN 33 ELSE 32 END
                ELSE 31
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-9.6940055719999996e-01' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-9.1979336239999998e-01' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-8.7122244650000003e-01' AS DOUBLE) THEN 30 ELSE 29 END
                ELSE 28
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-1.0721206729999999e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.0201406730000000e+00' AS DOUBLE) THEN 27 ELSE 26 END
                ELSE 25
              END
            END
          END
        END
        ELSE CASE
          WHEN "adjusted_log_odds" >= CAST('-2.0406555169999998e+00' AS DOUBLE)
          THEN CASE
            WHEN "adjusted_log_odds" >= CAST('-1.5505974119999999e+00' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-1.3553321359999999e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-1.2367626270000001e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.1802903199999999e+00' AS DOUBLE) THEN 24 ELSE 23 END
                ELSE CASE WHEN "adjusted_log_odds" >= CAST('-1.2950456900000000e+00' AS DOUBLE) THEN 22 ELSE 21 END
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-1.4828322880000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.4178427190000000e+00' AS DOUBLE) THEN 20 ELSE 19 END
                ELSE 18
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-1.7743677270000000e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-1.6959115100000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.6214862510000001e+00' AS DOUBLE) THEN 17 ELSE 16 END
                ELSE 15
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-1.9459101489999999e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-1.8574547280000000e+00' AS DOUBLE) THEN 14 ELSE 13 END
                ELSE 12
              END
            END
          END
          ELSE CASE
            WHEN "adjusted_log_odds" >= CAST('-2.8438517420000000e+00' AS DOUBLE)
            THEN CASE
              WHEN "adjusted_log_odds" >= CAST('-2.3762728090000000e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-2.2540580520000000e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-2.1428633680000000e+00' AS DOUBLE) THEN 11 ELSE 10 END
                ELSE 9
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-2.6661592590000001e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-2.5123056240000001e+00' AS DOUBLE) THEN 8 ELSE 7 END
                ELSE 6
              END
            END
            ELSE CASE
              WHEN "adjusted_log_odds" >= CAST('-3.6635616459999998e+00' AS DOUBLE)
              THEN CASE
                WHEN "adjusted_log_odds" >= CAST('-3.3167800399999998e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-3.0550488510000000e+00' AS DOUBLE) THEN 5 ELSE 4 END
                ELSE 3
              END
              ELSE CASE
                WHEN "adjusted_log_odds" >= CAST('-5.2933048249999999e+00' AS DOUBLE)
                THEN CASE WHEN "adjusted_log_odds" >= CAST('-4.1845914400000002e+00' AS DOUBLE) THEN 2 ELSE 1 END
                ELSE 0
              END
            END
          END
        END
      END
    END
  END AS "score_100",
  CASE
    WHEN "adjusted_log_odds" >= CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 'hot'
    WHEN "adjusted_log_odds" >= CAST('-5.0000000000000000e-01' AS DOUBLE)
    THEN 'warm'
    WHEN "adjusted_log_odds" < CAST('-5.0000000000000000e-01' AS DOUBLE)
    THEN 'cold'
  END AS "band",
  CASE
    WHEN "adjusted_log_odds" >= CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 'call today'
    WHEN "adjusted_log_odds" >= CAST('-5.0000000000000000e-01' AS DOUBLE)
    THEN 'send an e-mail'
  END AS "action",
  CASE
    WHEN "adjusted_log_odds" >= CAST('5.0000000000000000e-01' AS DOUBLE)
    THEN 1
    WHEN "adjusted_log_odds" < CAST('5.0000000000000000e-01' AS DOUBLE)
    THEN 0
  END AS "decision",
  CASE
    WHEN ("adjusted_log_odds" - "log_odds_before") >= CAST('2.5000000000000000e-01' AS DOUBLE)
    THEN 'improving'
    WHEN ("adjusted_log_odds" - "log_odds_before") >= CAST('-2.5000000000000000e-01' AS DOUBLE)
    THEN 'steady'
    WHEN ("adjusted_log_odds" - "log_odds_before") < CAST('-2.5000000000000000e-01' AS DOUBLE)
    THEN 'declining'
  END AS "trend",
  CASE
    WHEN "code_1" >= CAST('1.0000000000000000e+01' AS DOUBLE)
    THEN 'against: no news for long'
    WHEN "code_1" >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN 'young'
    WHEN "code_1" >= CAST('8.0000000000000000e+00' AS DOUBLE)
    THEN 'against: source: missing'
    WHEN "code_1" >= CAST('7.0000000000000000e+00' AS DOUBLE)
    THEN 'against: source: another value'
    WHEN "code_1" >= CAST('6.0000000000000000e+00' AS DOUBLE)
    THEN 'against: source: web'
    WHEN "code_1" >= CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN 'source: fair'
    WHEN "code_1" >= CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN 'visits: 10 or more'
    WHEN "code_1" >= CAST('3.0000000000000000e+00' AS DOUBLE)
    THEN 'visits: 2 to 10'
    WHEN "code_1" >= CAST('2.0000000000000000e+00' AS DOUBLE)
    THEN 'visits: 0 to 2'
    WHEN "code_1" >= CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 'against: visits: 0 to 2'
    WHEN "code_1" < CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 'against: visits: below 0'
  END AS "reason_1",
  CASE
    WHEN "code_1" >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN "age_days_effect"
    WHEN "code_1" >= CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN "source_effect"
    WHEN "code_1" < CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN "visits_effect"
  END AS "reason_1_effect",
  CASE
    WHEN "code_2" >= CAST('1.0000000000000000e+01' AS DOUBLE)
    THEN 'against: no news for long'
    WHEN "code_2" >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN 'young'
    WHEN "code_2" >= CAST('8.0000000000000000e+00' AS DOUBLE)
    THEN 'against: source: missing'
    WHEN "code_2" >= CAST('7.0000000000000000e+00' AS DOUBLE)
    THEN 'against: source: another value'
    WHEN "code_2" >= CAST('6.0000000000000000e+00' AS DOUBLE)
    THEN 'against: source: web'
    WHEN "code_2" >= CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN 'source: fair'
    WHEN "code_2" >= CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN 'visits: 10 or more'
    WHEN "code_2" >= CAST('3.0000000000000000e+00' AS DOUBLE)
    THEN 'visits: 2 to 10'
    WHEN "code_2" >= CAST('2.0000000000000000e+00' AS DOUBLE)
    THEN 'visits: 0 to 2'
    WHEN "code_2" >= CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 'against: visits: 0 to 2'
    WHEN "code_2" < CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 'against: visits: below 0'
  END AS "reason_2",
  CASE
    WHEN "code_2" >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN "age_days_effect"
    WHEN "code_2" >= CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN "source_effect"
    WHEN "code_2" < CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN "visits_effect"
  END AS "reason_2_effect",
  CASE WHEN "consent_given" >= CAST('1.0000000000000000e+00' AS DOUBLE) THEN "rank_place" END AS "rank",
  CASE
    WHEN "tenths_before" >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN 10
    WHEN "tenths_before" >= CAST('8.0000000000000000e+00' AS DOUBLE)
    THEN 9
    WHEN "tenths_before" >= CAST('7.0000000000000000e+00' AS DOUBLE)
    THEN 8
    WHEN "tenths_before" >= CAST('6.0000000000000000e+00' AS DOUBLE)
    THEN 7
    WHEN "tenths_before" >= CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN 6
    WHEN "tenths_before" >= CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN 5
    WHEN "tenths_before" >= CAST('3.0000000000000000e+00' AS DOUBLE)
    THEN 4
    WHEN "tenths_before" >= CAST('2.0000000000000000e+00' AS DOUBLE)
    THEN 3
    WHEN "tenths_before" >= CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 2
    WHEN "tenths_before" < CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 1
  END AS "decile",
  "age_days_contribution",
  "source_contribution",
  "visits_contribution",
  "age_days_effect",
  "source_effect",
  "visits_effect"
FROM "percent"
