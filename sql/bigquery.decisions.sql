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
WITH `inputs` AS (
  SELECT
    `id`,
    CASE
      WHEN CAST(`age_days` AS FLOAT64) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(`age_days` AS FLOAT64)
      ELSE 3.0000000000000000e+01
    END AS `age_days_input`,
    CAST(`source` AS STRING) AS `source_input`,
    CASE
      WHEN CAST(`visits` AS FLOAT64) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(`visits` AS FLOAT64)
      ELSE 2.0000000000000000e+00
    END AS `visits_input`,
    CASE
      WHEN CAST(`may_contact` AS STRING) = 'yes'
      THEN 1.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END AS `consent_given`,
    CASE
      WHEN CAST(`judgement` AS FLOAT64) BETWEEN 9.0000000000000002e-01 AND 1.1000000000000001e+00
      THEN CAST(`judgement` AS FLOAT64)
      WHEN CAST(`judgement` AS FLOAT64) BETWEEN (-1.0000000000000000e+100) AND 9.0000000000000002e-01
      THEN 9.0000000000000002e-01
      WHEN CAST(`judgement` AS FLOAT64) BETWEEN 1.1000000000000001e+00 AND 1.0000000000000000e+100
      THEN 1.1000000000000001e+00
      ELSE 1.0000000000000000e+00
    END AS `adjustment_factor`,
    CASE
      WHEN (2.0634000000000000e+04 - CAST(DATE_DIFF(CAST(`last_seen` AS DATE), CAST('1970-01-01' AS DATE), DAY) AS FLOAT64)) >= 0.0000000000000000e+00
      THEN 2.0634000000000000e+04 - CAST(DATE_DIFF(CAST(`last_seen` AS DATE), CAST('1970-01-01' AS DATE), DAY) AS FLOAT64)
      ELSE 0.0000000000000000e+00
    END AS `decay_days`,
    CASE
      WHEN CAST(`log_odds_last_month` AS FLOAT64) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(`log_odds_last_month` AS FLOAT64)
    END AS `log_odds_before`,
    CAST(`rep` AS STRING) AS `owner_text`,
    CAST(`id` AS STRING) AS `key_text_1`
  FROM `leads`
), `contributions` AS (
  SELECT
    `id`,
    `consent_given`,
    `decay_days`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    CASE
      WHEN `consent_given` >= 1.0000000000000000e+00
      THEN (`age_days_input` - 3.0000000000000000e+01) * (-2.5000000000000001e-02)
    END AS `age_days_contribution`, /* mean 30, std 20, weight -0.5 */
    CASE
      WHEN `consent_given` >= 1.0000000000000000e+00
      THEN CASE
        WHEN `source_input` IS NULL
        THEN (-2.0000000000000001e-01)
        WHEN `source_input` = 'web'
        THEN (-5.0000000000000003e-02)
        WHEN `source_input` = 'fair'
        THEN 4.0000000000000002e-01
        WHEN `source_input` = ''
        THEN (-2.0000000000000001e-01)
        ELSE (-1.0000000000000001e-01)
      END
    END AS `source_contribution`, /* 2 levels, weight 0.25 */
    CASE
      WHEN `consent_given` >= 1.0000000000000000e+00
      THEN CASE
        WHEN `visits_input` >= 1.0000000000000000e+01
        THEN 2.0000000000000001e-01
        WHEN `visits_input` >= 2.0000000000000000e+00
        THEN 1.0000000000000001e-01 + ((`visits_input` - 2.0000000000000000e+00) * 1.2500000000000001e-02)
        WHEN `visits_input` >= 0.0000000000000000e+00
        THEN (-2.9999999999999999e-01) + ((`visits_input` - 0.0000000000000000e+00) * 2.0000000000000001e-01)
        ELSE (-2.9999999999999999e-01)
      END
    END AS `visits_contribution`, /* a curve of 3 points, weight 0.25 */
    9.5000000000000000e+00 + (5.0000000000000000e-01 * SIGN(`age_days_input` - 3.0000000000000000e+01)) AS `age_days_reason`,
    CASE
      WHEN `source_input` IS NULL
      THEN 8.0000000000000000e+00
      WHEN `source_input` = 'web'
      THEN 6.0000000000000000e+00
      WHEN `source_input` = 'fair'
      THEN 5.0000000000000000e+00
      WHEN `source_input` = ''
      THEN 8.0000000000000000e+00
      ELSE 7.0000000000000000e+00
    END AS `source_reason`,
    CASE
      WHEN `visits_input` >= 1.0000000000000000e+01
      THEN 4.0000000000000000e+00
      WHEN `visits_input` >= 2.0000000000000000e+00
      THEN 3.0000000000000000e+00
      WHEN `visits_input` >= 1.4999999999999998e+00
      THEN 2.0000000000000000e+00
      WHEN `visits_input` >= 0.0000000000000000e+00
      THEN 1.0000000000000000e+00
      WHEN `visits_input` < 0.0000000000000000e+00
      THEN 0.0000000000000000e+00
    END AS `visits_reason`,
    (`adjustment_factor` - 1.0000000000000000e+00) / (`adjustment_factor` + 1.0000000000000000e+00) AS `adjustment_ratio`
  FROM `inputs`
), `lead_scores` AS (
  SELECT
    `id`,
    `consent_given`,
    `decay_days`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `age_days_reason`,
    `source_reason`,
    `visits_reason`,
    `adjustment_ratio`,
    `age_days_contribution` + `source_contribution` + `visits_contribution` AS `lead_score`,
    3.0000000000000000e+00 * `age_days_contribution` AS `age_days_effect`,
    3.0000000000000000e+00 * `source_contribution` AS `source_effect`,
    3.0000000000000000e+00 * `visits_contribution` AS `visits_effect`,
    `adjustment_ratio` * `adjustment_ratio` AS `adjustment_square`
  FROM `contributions`
), `log_odds` AS (
  SELECT
    `id`,
    `consent_given`,
    `decay_days`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    (-5.0000000000000000e-01) + (3.0000000000000000e+00 * `lead_score`) AS `log_odds`,
    (FLOOR(
        (ABS(`age_days_effect`) / (ABS(`age_days_effect`) + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 1.6000000000000000e+01)
      + `age_days_reason` AS `age_days_key`,
    (FLOOR(
        (ABS(`source_effect`) / (ABS(`source_effect`) + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 1.6000000000000000e+01)
      + `source_reason` AS `source_key`,
    (FLOOR(
        (ABS(`visits_effect`) / (ABS(`visits_effect`) + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 1.6000000000000000e+01)
      + `visits_reason` AS `visits_key`,
    (2.0000000000000000e+00 * `adjustment_ratio`) * (1.0000000000000000e+00
      + (`adjustment_square` * (3.3333333333333331e-01
        + (`adjustment_square` * (2.0000000000000001e-01
          + (`adjustment_square` * (1.4285714285714285e-01
            + (`adjustment_square` * (1.1111111111111110e-01
              + (`adjustment_square` * (9.0909090909090912e-02 + (`adjustment_square` * 7.6923076923076927e-02)))))))))))) AS `adjustment_log`
  FROM `lead_scores`
), `round_1` AS (
  SELECT
    `id`,
    `consent_given`,
    `decay_days`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`.`log_odds` AS `log_odds`,
    `visits_key`,
    `adjustment_log`,
    5.0000000000000000e-01 * ((`age_days_key` + `source_key`) + ABS(`age_days_key` - `source_key`)) AS `key_1_1_1`,
    5.0000000000000000e-01 * ((`age_days_key` + `source_key`) - ABS(`age_days_key` - `source_key`)) AS `key_1_1_2`
  FROM `log_odds`
), `round_2` AS (
  SELECT
    `id`,
    `consent_given`,
    `decay_days`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `adjustment_log`,
    5.0000000000000000e-01 * ((`key_1_1_1` + `visits_key`) + ABS(`key_1_1_1` - `visits_key`)) AS `key_2_1_1`,
    5.0000000000000000e-01 * ((`key_1_1_2`
        + (5.0000000000000000e-01 * ((`key_1_1_1` + `visits_key`) - ABS(`key_1_1_1` - `visits_key`))))
      + ABS(
        `key_1_1_2` - (5.0000000000000000e-01 * ((`key_1_1_1` + `visits_key`) - ABS(`key_1_1_1` - `visits_key`)))
      )) AS `key_2_1_2`
  FROM `round_1`
), `reason_codes` AS (
  SELECT
    `id`,
    `consent_given`,
    `decay_days`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `adjustment_log`,
    CASE
      WHEN `key_2_1_1` >= 1.6000000000000000e+01
      THEN `key_2_1_1` - (1.6000000000000000e+01 * FLOOR(`key_2_1_1` / 1.6000000000000000e+01))
    END AS `code_1`,
    CASE
      WHEN `key_2_1_2` >= 1.6000000000000000e+01
      THEN `key_2_1_2` - (1.6000000000000000e+01 * FLOOR(`key_2_1_2` / 1.6000000000000000e+01))
    END AS `code_2`
  FROM `round_2`
), `calibrated` AS (
  SELECT
    `id`,
    `consent_given`,
    `decay_days`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `adjustment_log`,
    `code_1`,
    `code_2`,
    CASE
      WHEN `log_odds` >= 1.5000000000000000e+00
      THEN 1.2500000000000000e+00
      WHEN `log_odds` >= 0.0000000000000000e+00
      THEN 2.5000000000000000e-01 + ((`log_odds` - 0.0000000000000000e+00) * 6.6666666666666663e-01)
      WHEN `log_odds` >= (-2.0000000000000000e+00)
      THEN (-1.5000000000000000e+00) + ((`log_odds` - (-2.0000000000000000e+00)) * 8.7500000000000000e-01)
      WHEN `log_odds` < (-2.0000000000000000e+00)
      THEN (-1.5000000000000000e+00)
    END AS `calibrated_log_odds`
  FROM `reason_codes`
), `adjusted` AS (
  SELECT
    `id`,
    `consent_given`,
    `log_odds_before`,
    `owner_text`,
    `key_text_1`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `code_1`,
    `code_2`,
    `calibrated_log_odds`,
    (`calibrated_log_odds` + `adjustment_log`) - (`decay_days` * 2.3104906018664842e-02) AS `adjusted_log_odds`
  FROM `calibrated`
), `ranked` AS (
  SELECT
    `id`,
    `consent_given`,
    `log_odds_before`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `code_1`,
    `code_2`,
    `calibrated_log_odds`,
    `adjusted_log_odds`,
    ROW_NUMBER() OVER (
      PARTITION BY `owner_text`
      ORDER BY CASE WHEN `adjusted_log_odds` IS NULL THEN 1 ELSE 0 END, `adjusted_log_odds` DESC, `key_text_1`
    ) AS `rank_place`,
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN `adjusted_log_odds` IS NULL THEN 1 ELSE 0 END, `adjusted_log_odds` DESC, `key_text_1`
    ) AS `overall_place`,
    COUNT(`adjusted_log_odds`) OVER () AS `scored_rows`
  FROM `adjusted`
), `odds` AS (
  SELECT
    `id`,
    `consent_given`,
    `log_odds_before`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `code_1`,
    `code_2`,
    `calibrated_log_odds`,
    `adjusted_log_odds`,
    `rank_place`,
    CASE
      WHEN `calibrated_log_odds` BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP(`calibrated_log_odds`)
      ELSE CASE
        WHEN `calibrated_log_odds` >= 0.0000000000000000e+00
        THEN 1.0000000000000000e+100
        WHEN `calibrated_log_odds` < 0.0000000000000000e+00
        THEN 0.0000000000000000e+00
      END
    END AS `odds`,
    CASE
      WHEN `adjusted_log_odds` BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP(`adjusted_log_odds`)
      ELSE CASE
        WHEN `adjusted_log_odds` >= 0.0000000000000000e+00
        THEN 1.0000000000000000e+100
        WHEN `adjusted_log_odds` < 0.0000000000000000e+00
        THEN 0.0000000000000000e+00
      END
    END AS `adjusted_odds`,
    CASE
      WHEN `consent_given` >= 1.0000000000000000e+00
      THEN (1.0000000000000000e+01 * (CAST(`overall_place` AS FLOAT64) - 1.0000000000000000e+00)) / CAST(`scored_rows` AS FLOAT64)
    END AS `tenths_before`
  FROM `ranked`
), `percent` AS (
  SELECT
    `id`,
    `consent_given`,
    `log_odds_before`,
    `age_days_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `lead_score`,
    `age_days_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `code_1`,
    `code_2`,
    `calibrated_log_odds`,
    `adjusted_log_odds`,
    `rank_place`,
    `odds`.`odds` AS `odds`,
    `adjusted_odds`,
    `tenths_before`,
    (1.0000000000000000e+02 * (`adjusted_odds` / (1.0000000000000000e+00 + `adjusted_odds`)))
      + 5.0000000000000000e-01 AS `percent_and_half`
  FROM `odds`
)
SELECT
  `id`,
  `lead_score`,
  `log_odds`,
  `calibrated_log_odds`,
  `odds` / (1.0000000000000000e+00 + `odds`) AS `probability`,
  `adjusted_log_odds`,
  `adjusted_odds` / (1.0000000000000000e+00 + `adjusted_odds`) AS `adjusted_probability`,
  CASE WHEN `consent_given` >= 1.0000000000000000e+00 THEN 'scored' ELSE 'no_consent' END AS `status`,
  CASE
    WHEN (`percent_and_half` - FLOOR(`percent_and_half`)) BETWEEN 9.9999999999999995e-08 AND 9.9999990000000005e-01
    THEN CAST(FLOOR(`percent_and_half`) AS INT64)
    ELSE CASE
      WHEN `adjusted_log_odds` >= (-2.0000666710000000e-02)
      THEN CASE
        WHEN `adjusted_log_odds` >= 1.0721206729999999e+00
        THEN CASE
          WHEN `adjusted_log_odds` >= 1.9459101489999999e+00
          THEN CASE
            WHEN `adjusted_log_odds` >= 2.6661592590000001e+00
            THEN CASE
              WHEN `adjusted_log_odds` >= 3.3167800399999998e+00
              THEN CASE
                WHEN `adjusted_log_odds` >= 4.1845914400000002e+00
                THEN CASE WHEN `adjusted_log_odds` >= 5.2933048249999999e+00 THEN 100 ELSE 99 END
                ELSE CASE WHEN `adjusted_log_odds` >= 3.6635616459999998e+00 THEN 98 ELSE 97 END
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 2.8438517420000000e+00
                THEN CASE WHEN `adjusted_log_odds` >= 3.0550488510000000e+00 THEN 96 ELSE 95 END
                ELSE 94
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= 2.2540580520000000e+00
              THEN CASE
                WHEN `adjusted_log_odds` >= 2.3762728090000000e+00
                THEN CASE WHEN `adjusted_log_odds` >= 2.5123056240000001e+00 THEN 93 ELSE 92 END
                ELSE 91
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 2.0406555169999998e+00
                THEN CASE WHEN `adjusted_log_odds` >= 2.1428633680000000e+00 THEN 90 ELSE 89 END
                ELSE 88
              END
            END
          END
          ELSE CASE
            WHEN `adjusted_log_odds` >= 1.4178427190000000e+00
            THEN CASE
              WHEN `adjusted_log_odds` >= 1.6214862510000001e+00
              THEN CASE
                WHEN `adjusted_log_odds` >= 1.7743677270000000e+00
                THEN CASE WHEN `adjusted_log_odds` >= 1.8574547280000000e+00 THEN 87 ELSE 86 END
                ELSE CASE WHEN `adjusted_log_odds` >= 1.6959115100000000e+00 THEN 85 ELSE 84 END
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 1.4828322880000000e+00
                THEN CASE WHEN `adjusted_log_odds` >= 1.5505974119999999e+00 THEN 83 ELSE 82 END
                ELSE 81
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= 1.2367626270000001e+00
              THEN CASE
                WHEN `adjusted_log_odds` >= 1.2950456900000000e+00
                THEN CASE WHEN `adjusted_log_odds` >= 1.3553321359999999e+00 THEN 80 ELSE 79 END
                ELSE 78
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 1.1254595390000000e+00
                THEN CASE WHEN `adjusted_log_odds` >= 1.1802903199999999e+00 THEN 77 ELSE 76 END
                ELSE 75
              END
            END
          END
        END
        ELSE CASE
          WHEN `adjusted_log_odds` >= 4.6837893349999998e-01
          THEN CASE
            WHEN `adjusted_log_odds` >= 7.3088750849999995e-01
            THEN CASE
              WHEN `adjusted_log_odds` >= 8.7122244650000003e-01
              THEN CASE
                WHEN `adjusted_log_odds` >= 9.6940055719999996e-01
                THEN CASE WHEN `adjusted_log_odds` >= 1.0201406730000000e+00 THEN 74 ELSE 73 END
                ELSE CASE WHEN `adjusted_log_odds` >= 9.1979336239999998e-01 THEN 72 ELSE 71 END
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 7.7684619939999999e-01
                THEN CASE WHEN `adjusted_log_odds` >= 8.2360006900000005e-01 THEN 70 ELSE 69 END
                ELSE 68
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= 5.9713252729999999e-01
              THEN CASE
                WHEN `adjusted_log_odds` >= 6.4109081859999995e-01
                THEN CASE WHEN `adjusted_log_odds` >= 6.8565650879999995e-01 THEN 67 ELSE 66 END
                ELSE 65
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 5.1082562379999996e-01
                THEN CASE WHEN `adjusted_log_odds` >= 5.5372764529999996e-01 THEN 64 ELSE 63 END
                ELSE 62
              END
            END
          END
          ELSE CASE
            WHEN `adjusted_log_odds` >= 2.2089383160000001e-01
            THEN CASE
              WHEN `adjusted_log_odds` >= 3.4333332700000002e-01
              THEN CASE
                WHEN `adjusted_log_odds` >= 3.8467433839999998e-01
                THEN CASE WHEN `adjusted_log_odds` >= 4.2634269310000000e-01 THEN 61 ELSE 60 END
                ELSE 59
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 2.6147970009999999e-01
                THEN CASE WHEN `adjusted_log_odds` >= 3.0228087190000003e-01 THEN 58 ELSE 57 END
                ELSE 56
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= 1.0008345859999999e-01
              THEN CASE
                WHEN `adjusted_log_odds` >= 1.4022934130000000e-01
                THEN CASE WHEN `adjusted_log_odds` >= 1.8048837570000001e-01 THEN 55 ELSE 54 END
                ELSE 53
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= 2.0000666710000000e-02
                THEN CASE WHEN `adjusted_log_odds` >= 6.0018009730000002e-02 THEN 52 ELSE 51 END
                ELSE 50
              END
            END
          END
        END
      END
      WHEN `adjusted_log_odds` < (-2.0000666710000000e-02)
      THEN CASE
        WHEN `adjusted_log_odds` >= (-1.1254595390000000e+00)
        THEN CASE
          WHEN `adjusted_log_odds` >= (-5.5372764529999996e-01)
          THEN CASE
            WHEN `adjusted_log_odds` >= (-3.0228087190000003e-01)
            THEN CASE
              WHEN `adjusted_log_odds` >= (-1.8048837570000001e-01)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-1.0008345859999999e-01)
                THEN CASE WHEN `adjusted_log_odds` >= (-6.0018009730000002e-02) THEN 49 ELSE 48 END
                ELSE CASE WHEN `adjusted_log_odds` >= (-1.4022934130000000e-01) THEN 47 ELSE 46 END
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-2.6147970009999999e-01)
                THEN CASE WHEN `adjusted_log_odds` >= (-2.2089383160000001e-01) THEN 45 ELSE 44 END
                ELSE 43
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= (-4.2634269310000000e-01)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-3.8467433839999998e-01)
                THEN CASE WHEN `adjusted_log_odds` >= (-3.4333332700000002e-01) THEN 42 ELSE 41 END
                ELSE 40
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-5.1082562379999996e-01)
                THEN CASE WHEN `adjusted_log_odds` >= (-4.6837893349999998e-01) THEN 39 ELSE 38 END
                ELSE 37
              END
            END
          END
          ELSE CASE
            WHEN `adjusted_log_odds` >= (-8.2360006900000005e-01)
            THEN CASE
              WHEN `adjusted_log_odds` >= (-6.8565650879999995e-01)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-6.4109081859999995e-01)
                THEN CASE WHEN `adjusted_log_odds` >= (-5.9713252729999999e-01) THEN 36 ELSE 35 END
                ELSE 34
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-7.7684619939999999e-01)
                THEN CASE WHEN `adjusted_log_odds` >= (-7.3088750849999995e-01) THEN 33 ELSE 32 END
                ELSE 31
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= (-9.6940055719999996e-01)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-9.1979336239999998e-01)
                THEN CASE WHEN `adjusted_log_odds` >= (-8.7122244650000003e-01) THEN 30 ELSE 29 END
                ELSE 28
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-1.0721206729999999e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-1.0201406730000000e+00) THEN 27 ELSE 26 END
                ELSE 25
              END
            END
          END
        END
        ELSE CASE
          WHEN `adjusted_log_odds` >= (-2.0406555169999998e+00)
          THEN CASE
            WHEN `adjusted_log_odds` >= (-1.5505974119999999e+00)
            THEN CASE
              WHEN `adjusted_log_odds` >= (-1.3553321359999999e+00)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-1.2367626270000001e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-1.1802903199999999e+00) THEN 24 ELSE 23 END
                ELSE CASE WHEN `adjusted_log_odds` >= (-1.2950456900000000e+00) THEN 22 ELSE 21 END
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-1.4828322880000000e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-1.4178427190000000e+00) THEN 20 ELSE 19 END
                ELSE 18
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= (-1.7743677270000000e+00)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-1.6959115100000000e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-1.6214862510000001e+00) THEN 17 ELSE 16 END
                ELSE 15
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-1.9459101489999999e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-1.8574547280000000e+00) THEN 14 ELSE 13 END
                ELSE 12
              END
            END
          END
          ELSE CASE
            WHEN `adjusted_log_odds` >= (-2.8438517420000000e+00)
            THEN CASE
              WHEN `adjusted_log_odds` >= (-2.3762728090000000e+00)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-2.2540580520000000e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-2.1428633680000000e+00) THEN 11 ELSE 10 END
                ELSE 9
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-2.6661592590000001e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-2.5123056240000001e+00) THEN 8 ELSE 7 END
                ELSE 6
              END
            END
            ELSE CASE
              WHEN `adjusted_log_odds` >= (-3.6635616459999998e+00)
              THEN CASE
                WHEN `adjusted_log_odds` >= (-3.3167800399999998e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-3.0550488510000000e+00) THEN 5 ELSE 4 END
                ELSE 3
              END
              ELSE CASE
                WHEN `adjusted_log_odds` >= (-5.2933048249999999e+00)
                THEN CASE WHEN `adjusted_log_odds` >= (-4.1845914400000002e+00) THEN 2 ELSE 1 END
                ELSE 0
              END
            END
          END
        END
      END
    END
  END AS `score_100`,
  CASE
    WHEN `adjusted_log_odds` >= 1.0000000000000000e+00
    THEN 'hot'
    WHEN `adjusted_log_odds` >= (-5.0000000000000000e-01)
    THEN 'warm'
    WHEN `adjusted_log_odds` < (-5.0000000000000000e-01)
    THEN 'cold'
  END AS `band`,
  CASE
    WHEN `adjusted_log_odds` >= 1.0000000000000000e+00
    THEN 'call today'
    WHEN `adjusted_log_odds` >= (-5.0000000000000000e-01)
    THEN 'send an e-mail'
  END AS `action`,
  CASE
    WHEN `adjusted_log_odds` >= 5.0000000000000000e-01
    THEN 1
    WHEN `adjusted_log_odds` < 5.0000000000000000e-01
    THEN 0
  END AS `decision`,
  CASE
    WHEN (`adjusted_log_odds` - `log_odds_before`) >= 2.5000000000000000e-01
    THEN 'improving'
    WHEN (`adjusted_log_odds` - `log_odds_before`) >= (-2.5000000000000000e-01)
    THEN 'steady'
    WHEN (`adjusted_log_odds` - `log_odds_before`) < (-2.5000000000000000e-01)
    THEN 'declining'
  END AS `trend`,
  CASE
    WHEN `code_1` >= 1.0000000000000000e+01
    THEN 'against: no news for long'
    WHEN `code_1` >= 9.0000000000000000e+00
    THEN 'young'
    WHEN `code_1` >= 8.0000000000000000e+00
    THEN 'against: source: missing'
    WHEN `code_1` >= 7.0000000000000000e+00
    THEN 'against: source: another value'
    WHEN `code_1` >= 6.0000000000000000e+00
    THEN 'against: source: web'
    WHEN `code_1` >= 5.0000000000000000e+00
    THEN 'source: fair'
    WHEN `code_1` >= 4.0000000000000000e+00
    THEN 'visits: 10 or more'
    WHEN `code_1` >= 3.0000000000000000e+00
    THEN 'visits: 2 to 10'
    WHEN `code_1` >= 2.0000000000000000e+00
    THEN 'visits: 0 to 2'
    WHEN `code_1` >= 1.0000000000000000e+00
    THEN 'against: visits: 0 to 2'
    WHEN `code_1` < 1.0000000000000000e+00
    THEN 'against: visits: below 0'
  END AS `reason_1`,
  CASE
    WHEN `code_1` >= 9.0000000000000000e+00
    THEN `age_days_effect`
    WHEN `code_1` >= 5.0000000000000000e+00
    THEN `source_effect`
    WHEN `code_1` < 5.0000000000000000e+00
    THEN `visits_effect`
  END AS `reason_1_effect`,
  CASE
    WHEN `code_2` >= 1.0000000000000000e+01
    THEN 'against: no news for long'
    WHEN `code_2` >= 9.0000000000000000e+00
    THEN 'young'
    WHEN `code_2` >= 8.0000000000000000e+00
    THEN 'against: source: missing'
    WHEN `code_2` >= 7.0000000000000000e+00
    THEN 'against: source: another value'
    WHEN `code_2` >= 6.0000000000000000e+00
    THEN 'against: source: web'
    WHEN `code_2` >= 5.0000000000000000e+00
    THEN 'source: fair'
    WHEN `code_2` >= 4.0000000000000000e+00
    THEN 'visits: 10 or more'
    WHEN `code_2` >= 3.0000000000000000e+00
    THEN 'visits: 2 to 10'
    WHEN `code_2` >= 2.0000000000000000e+00
    THEN 'visits: 0 to 2'
    WHEN `code_2` >= 1.0000000000000000e+00
    THEN 'against: visits: 0 to 2'
    WHEN `code_2` < 1.0000000000000000e+00
    THEN 'against: visits: below 0'
  END AS `reason_2`,
  CASE
    WHEN `code_2` >= 9.0000000000000000e+00
    THEN `age_days_effect`
    WHEN `code_2` >= 5.0000000000000000e+00
    THEN `source_effect`
    WHEN `code_2` < 5.0000000000000000e+00
    THEN `visits_effect`
  END AS `reason_2_effect`,
  CASE WHEN `consent_given` >= 1.0000000000000000e+00 THEN `rank_place` END AS `rank`,
  CASE
    WHEN `tenths_before` >= 9.0000000000000000e+00
    THEN 10
    WHEN `tenths_before` >= 8.0000000000000000e+00
    THEN 9
    WHEN `tenths_before` >= 7.0000000000000000e+00
    THEN 8
    WHEN `tenths_before` >= 6.0000000000000000e+00
    THEN 7
    WHEN `tenths_before` >= 5.0000000000000000e+00
    THEN 6
    WHEN `tenths_before` >= 4.0000000000000000e+00
    THEN 5
    WHEN `tenths_before` >= 3.0000000000000000e+00
    THEN 4
    WHEN `tenths_before` >= 2.0000000000000000e+00
    THEN 3
    WHEN `tenths_before` >= 1.0000000000000000e+00
    THEN 2
    WHEN `tenths_before` < 1.0000000000000000e+00
    THEN 1
  END AS `decile`,
  `age_days_contribution`,
  `source_contribution`,
  `visits_contribution`,
  `age_days_effect`,
  `source_effect`,
  `visits_effect`
FROM `percent`
