/* leadweights trees, model 9b70cf49e50b, standardized
  created   a date, or a timestamp without a time zone
  opted in  true or false, or 1 or 0
  source    a text, or a whole number
  visits    a number
  id        a text, or a whole number */
WITH `inputs` AS (
  SELECT
    `id`,
    CAST(EXTRACT(MONTH FROM CAST(`created` AS DATE)) AS DOUBLE) AS `created month_input`,
    CASE
      WHEN CAST(CAST(`opted in` AS INT) AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST(CAST(`opted in` AS INT) AS DOUBLE)
      ELSE CAST('1.0000000000000000e+00' AS DOUBLE)
    END AS `opted in_input`,
    CAST(`source` AS STRING) AS `source_input`,
    CASE
      WHEN CAST(`visits` AS DOUBLE) BETWEEN CAST('9.9900000000000000e+02' AS DOUBLE) AND CAST('9.9900000000000000e+02' AS DOUBLE)
      THEN CAST('3.0000000000000000e+00' AS DOUBLE)
      WHEN CAST(`visits` AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST(`visits` AS DOUBLE)
      ELSE CAST('3.0000000000000000e+00' AS DOUBLE)
    END AS `visits_input`,
    CASE
      WHEN CAST(CAST(`opted in` AS INT) AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST(CAST(`opted in` AS INT) AS DOUBLE)
    END AS `opted in_known`,
    CASE
      WHEN CAST(`visits` AS DOUBLE) BETWEEN CAST('9.9900000000000000e+02' AS DOUBLE) AND CAST('9.9900000000000000e+02' AS DOUBLE)
      THEN NULL
      WHEN CAST(`visits` AS DOUBLE) BETWEEN CAST('-1.0000000000000000e+100' AS DOUBLE) AND CAST('1.0000000000000000e+100' AS DOUBLE)
      THEN CAST(`visits` AS DOUBLE)
    END AS `visits_known`,
    CAST(`id` AS STRING) AS `key_text_1`
  FROM `leads`
), `trees_1` AS (
  SELECT
    `id`,
    `created month_input`,
    `opted in_input`,
    `source_input`,
    `visits_input`,
    `key_text_1`,
    CASE
        WHEN CAST('2.5000000000000000e+00' AS DOUBLE) > `visits_known`
        THEN CASE
          WHEN `created month_input` BETWEEN CAST('1.0000000000000000e+00' AS DOUBLE) AND CAST('8.0000000000000000e+00' AS DOUBLE)
          OR `created month_input` BETWEEN CAST('1.1000000000000000e+01' AS DOUBLE) AND CAST('1.1000000000000000e+01' AS DOUBLE)
          THEN CAST('-2.5000000000000000e-01' AS DOUBLE)
          ELSE CAST('1.2500000000000000e-01' AS DOUBLE)
        END
        ELSE CAST('6.2500000000000000e-02' AS DOUBLE)
      END
      + CASE
        WHEN `source_input` IS NULL
        OR `source_input` = 'fair'
        OR `source_input` = 'it''s'
        OR `source_input` = 'Select'
        THEN CASE WHEN `opted in_known` >= CAST('5.0000000000000000e-01' AS DOUBLE) THEN CAST('2.5000000000000000e-01' AS DOUBLE) ELSE CAST('-5.0000000000000000e-01' AS DOUBLE) END
        ELSE CASE WHEN `visits_known` >= CAST('7.0000000000000000e+00' AS DOUBLE) THEN CAST('2.5000000000000000e-01' AS DOUBLE) ELSE CAST('-1.2500000000000000e-01' AS DOUBLE) END
      END AS `trees_sum_2`,
    CASE
      WHEN CAST('2.5000000000000000e+00' AS DOUBLE) > `visits_known`
      THEN CASE
        WHEN `created month_input` BETWEEN CAST('1.0000000000000000e+00' AS DOUBLE) AND CAST('8.0000000000000000e+00' AS DOUBLE)
        OR `created month_input` BETWEEN CAST('1.1000000000000000e+01' AS DOUBLE) AND CAST('1.1000000000000000e+01' AS DOUBLE)
        THEN CAST('-1.8750000000000000e-01' AS DOUBLE)
        ELSE CAST('1.8750000000000000e-01' AS DOUBLE)
      END
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS `created month_in_trees_2`,
    CASE
      WHEN `source_input` IS NULL
      OR `source_input` = 'fair'
      OR `source_input` = 'it''s'
      OR `source_input` = 'Select'
      THEN CASE WHEN `opted in_known` >= CAST('5.0000000000000000e-01' AS DOUBLE) THEN CAST('3.7500000000000000e-01' AS DOUBLE) ELSE CAST('-3.7500000000000000e-01' AS DOUBLE) END
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS `opted in_in_trees_2`,
    CASE
      WHEN `source_input` IS NULL
      OR `source_input` = 'fair'
      OR `source_input` = 'it''s'
      OR `source_input` = 'Select'
      THEN CAST('-9.3750000000000000e-02' AS DOUBLE)
      ELSE CAST('3.1250000000000000e-02' AS DOUBLE)
    END AS `source_in_trees_2`,
    CASE
        WHEN CAST('2.5000000000000000e+00' AS DOUBLE) > `visits_known`
        THEN CAST('-6.2500000000000000e-02' AS DOUBLE)
        ELSE CAST('6.2500000000000000e-02' AS DOUBLE)
      END
      + CASE
        WHEN `source_input` IS NULL
        OR `source_input` = 'fair'
        OR `source_input` = 'it''s'
        OR `source_input` = 'Select'
        THEN CAST('0.0000000000000000e+00' AS DOUBLE)
        ELSE CASE WHEN `visits_known` >= CAST('7.0000000000000000e+00' AS DOUBLE) THEN CAST('2.5000000000000000e-01' AS DOUBLE) ELSE CAST('-1.2500000000000000e-01' AS DOUBLE) END
      END AS `visits_in_trees_2`
  FROM `inputs`
), `contributions` AS (
  SELECT
    `id`,
    `key_text_1`,
    (`opted in_input` - CAST('9.0000000000000002e-01' AS DOUBLE)) * CAST('8.3333333333333337e-01' AS DOUBLE) AS `opted in_contribution`, /* mean 0.9, std 0.3, weight 0.25 */
    CASE
      WHEN `source_input` IS NULL
      THEN CAST('0.0000000000000000e+00' AS DOUBLE)
      WHEN `source_input` = 'web'
      THEN CAST('2.5000000000000000e-01' AS DOUBLE)
      WHEN `source_input` = 'Select'
      THEN CAST('0.0000000000000000e+00' AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS `source_contribution`, /* 1 levels, weight 0.25 */
    (`visits_input` - CAST('3.0000000000000000e+00' AS DOUBLE)) * CAST('1.2500000000000000e-01' AS DOUBLE) AS `visits_contribution`, /* mean 3, std 2, weight 0.25 */
    `trees_sum_2` AS `trees_contribution`, /* 2 trees, weight 0.25 */
    `created month_in_trees_2` AS `created month_in_trees`,
    `opted in_in_trees_2` AS `opted in_in_trees`,
    `source_in_trees_2` AS `source_in_trees`,
    `visits_in_trees_2` AS `visits_in_trees`,
    CAST('1.4000000000000000e+01' AS DOUBLE)
      + (CAST('2.0000000000000000e+00' AS DOUBLE) * FLOOR(
        CASE
          WHEN `created month_input` BETWEEN CAST('-1.2000000000000000e+01' AS DOUBLE) AND CAST('1.2000000000000000e+01' AS DOUBLE)
          THEN CAST('0.0000000000000000e+00' AS DOUBLE)
          ELSE CAST('1.0000000000000000e+00' AS DOUBLE)
        END
      )) AS `created month_reason`,
    CAST('1.0000000000000000e+01' AS DOUBLE)
      + (CAST('2.0000000000000000e+00' AS DOUBLE) * FLOOR(
        CAST('5.0000000000000000e-01' AS DOUBLE)
          + (CAST('5.0000000000000000e-01' AS DOUBLE) * SIGN(`opted in_input` - CAST('9.0000000000000002e-01' AS DOUBLE)))
      )) AS `opted in_reason`,
    CAST('4.0000000000000000e+00' AS DOUBLE)
      + (CAST('2.0000000000000000e+00' AS DOUBLE) * FLOOR(
        CASE
          WHEN `source_input` IS NULL
          THEN CAST('2.0000000000000000e+00' AS DOUBLE)
          WHEN `source_input` = 'web'
          THEN CAST('0.0000000000000000e+00' AS DOUBLE)
          WHEN `source_input` = 'Select'
          THEN CAST('2.0000000000000000e+00' AS DOUBLE)
          ELSE CAST('1.0000000000000000e+00' AS DOUBLE)
        END
      )) AS `source_reason`,
    CAST('0.0000000000000000e+00' AS DOUBLE)
      + (CAST('2.0000000000000000e+00' AS DOUBLE) * FLOOR(
        CAST('5.0000000000000000e-01' AS DOUBLE)
          + (CAST('5.0000000000000000e-01' AS DOUBLE) * SIGN(`visits_input` - CAST('3.0000000000000000e+00' AS DOUBLE)))
      )) AS `visits_reason`
  FROM `trees_1`
), `lead_scores` AS (
  SELECT
    `id`,
    `key_text_1`,
    `opted in_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `trees_contribution`,
    `created month_reason`,
    `opted in_reason`,
    `source_reason`,
    `visits_reason`,
    `opted in_contribution` + `source_contribution` + `visits_contribution` + `trees_contribution` AS `lead_score`,
    CAST('3.0000000000000000e+00' AS DOUBLE) * `created month_in_trees` AS `created month_effect`,
    CAST('3.0000000000000000e+00' AS DOUBLE) * (`opted in_contribution` + `opted in_in_trees`) AS `opted in_effect`,
    CAST('3.0000000000000000e+00' AS DOUBLE) * (`source_contribution` + `source_in_trees`) AS `source_effect`,
    CAST('3.0000000000000000e+00' AS DOUBLE) * (`visits_contribution` + `visits_in_trees`) AS `visits_effect`
  FROM `contributions`
), `log_odds` AS (
  SELECT
    `id`,
    `key_text_1`,
    `opted in_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `trees_contribution`,
    `lead_score`,
    `created month_effect`,
    `opted in_effect`,
    `source_effect`,
    `visits_effect`,
    CAST('-5.0000000000000000e-01' AS DOUBLE)
      + (CAST('3.0000000000000000e+00' AS DOUBLE) * `lead_score`) AS `log_odds`,
    (FLOOR(
        (ABS(`created month_effect`) / (ABS(`created month_effect`) + CAST('1.6000000000000000e+01' AS DOUBLE))) * CAST('2.7487790694400000e+11' AS DOUBLE)
      ) * CAST('3.2000000000000000e+01' AS DOUBLE))
      + (`created month_reason`
        + (CAST('5.0000000000000000e-01' AS DOUBLE) - (CAST('5.0000000000000000e-01' AS DOUBLE) * SIGN(`created month_effect`)))) AS `created month_key`,
    (FLOOR(
        (ABS(`opted in_effect`) / (ABS(`opted in_effect`) + CAST('1.6000000000000000e+01' AS DOUBLE))) * CAST('2.7487790694400000e+11' AS DOUBLE)
      ) * CAST('3.2000000000000000e+01' AS DOUBLE))
      + (`opted in_reason`
        + (CAST('5.0000000000000000e-01' AS DOUBLE) - (CAST('5.0000000000000000e-01' AS DOUBLE) * SIGN(`opted in_effect`)))) AS `opted in_key`,
    (FLOOR(
        (ABS(`source_effect`) / (ABS(`source_effect`) + CAST('1.6000000000000000e+01' AS DOUBLE))) * CAST('2.7487790694400000e+11' AS DOUBLE)
      ) * CAST('3.2000000000000000e+01' AS DOUBLE))
      + (`source_reason`
        + (CAST('5.0000000000000000e-01' AS DOUBLE) - (CAST('5.0000000000000000e-01' AS DOUBLE) * SIGN(`source_effect`)))) AS `source_key`,
    (FLOOR(
        (ABS(`visits_effect`) / (ABS(`visits_effect`) + CAST('1.6000000000000000e+01' AS DOUBLE))) * CAST('2.7487790694400000e+11' AS DOUBLE)
      ) * CAST('3.2000000000000000e+01' AS DOUBLE))
      + (`visits_reason`
        + (CAST('5.0000000000000000e-01' AS DOUBLE) - (CAST('5.0000000000000000e-01' AS DOUBLE) * SIGN(`visits_effect`)))) AS `visits_key`
  FROM `lead_scores`
), `round_1` AS (
  SELECT
    `id`,
    `key_text_1`,
    `opted in_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `trees_contribution`,
    `lead_score`,
    `created month_effect`,
    `opted in_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    CAST('5.0000000000000000e-01' AS DOUBLE) * ((`created month_key` + `opted in_key`) + ABS(`created month_key` - `opted in_key`)) AS `key_1_1_1`,
    CAST('5.0000000000000000e-01' AS DOUBLE) * ((`created month_key` + `opted in_key`) - ABS(`created month_key` - `opted in_key`)) AS `key_1_1_2`,
    CAST('5.0000000000000000e-01' AS DOUBLE) * ((`source_key` + `visits_key`) + ABS(`source_key` - `visits_key`)) AS `key_1_2_1`,
    CAST('5.0000000000000000e-01' AS DOUBLE) * ((`source_key` + `visits_key`) - ABS(`source_key` - `visits_key`)) AS `key_1_2_2`
  FROM `log_odds`
), `round_2` AS (
  SELECT
    `id`,
    `key_text_1`,
    `opted in_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `trees_contribution`,
    `lead_score`,
    `created month_effect`,
    `opted in_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_1_1` + `key_1_2_1`) + ABS(`key_1_1_1` - `key_1_2_1`)) AS `key_2_1_1`,
    CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_1_2`
        + (CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_2_2`
            + (CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`))))
          + ABS(
            `key_1_2_2` - (CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`)))
          ))))
      + ABS(
        `key_1_1_2` - (CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_2_2`
            + (CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`))))
          + ABS(
            `key_1_2_2` - (CAST('5.0000000000000000e-01' AS DOUBLE) * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`)))
          )))
      )) AS `key_2_1_2`
  FROM `round_1`
), `reason_codes` AS (
  SELECT
    `id`,
    `key_text_1`,
    `opted in_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `trees_contribution`,
    `lead_score`,
    `created month_effect`,
    `opted in_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    CASE
      WHEN `key_2_1_1` >= CAST('3.2000000000000000e+01' AS DOUBLE)
      THEN `key_2_1_1` - (CAST('3.2000000000000000e+01' AS DOUBLE) * FLOOR(`key_2_1_1` / CAST('3.2000000000000000e+01' AS DOUBLE)))
    END AS `code_1`,
    CASE
      WHEN `key_2_1_2` >= CAST('3.2000000000000000e+01' AS DOUBLE)
      THEN `key_2_1_2` - (CAST('3.2000000000000000e+01' AS DOUBLE) * FLOOR(`key_2_1_2` / CAST('3.2000000000000000e+01' AS DOUBLE)))
    END AS `code_2`
  FROM `round_2`
), `ranked` AS (
  SELECT
    `id`,
    `opted in_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `trees_contribution`,
    `lead_score`,
    `created month_effect`,
    `opted in_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `code_1`,
    `code_2`,
    ROW_NUMBER() OVER (ORDER BY CASE WHEN `log_odds` IS NULL THEN 1 ELSE 0 END, `log_odds` DESC, `key_text_1`) AS `rank_place`,
    ROW_NUMBER() OVER (ORDER BY CASE WHEN `log_odds` IS NULL THEN 1 ELSE 0 END, `log_odds` DESC, `key_text_1`) AS `overall_place`,
    COUNT(`log_odds`) OVER () AS `scored_rows`
  FROM `reason_codes`
), `odds` AS (
  SELECT
    `id`,
    `opted in_contribution`,
    `source_contribution`,
    `visits_contribution`,
    `trees_contribution`,
    `lead_score`,
    `created month_effect`,
    `opted in_effect`,
    `source_effect`,
    `visits_effect`,
    `log_odds`,
    `code_1`,
    `code_2`,
    `rank_place`,
    CASE
      WHEN `log_odds` BETWEEN CAST('-7.0800000000000000e+02' AS DOUBLE) AND CAST('7.0800000000000000e+02' AS DOUBLE)
      THEN EXP(`log_odds`)
      WHEN `log_odds` > CAST('0.0000000000000000e+00' AS DOUBLE)
      THEN CAST('1.0000000000000000e+100' AS DOUBLE)
      ELSE CAST('0.0000000000000000e+00' AS DOUBLE)
    END AS `odds`,
    (CAST('1.0000000000000000e+01' AS DOUBLE) * (CAST(`overall_place` AS DOUBLE) - CAST('1.0000000000000000e+00' AS DOUBLE))) / CAST(`scored_rows` AS DOUBLE) AS `tenths_before`
  FROM `ranked`
)
SELECT
  `id`,
  `lead_score`,
  `log_odds`,
  `odds` / (CAST('1.0000000000000000e+00' AS DOUBLE) + `odds`) AS `probability`,
  CASE
    WHEN `code_1` >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN CASE
      WHEN `code_1` >= CAST('1.3000000000000000e+01' AS DOUBLE)
      THEN CASE
        WHEN `code_1` >= CAST('1.5000000000000000e+01' AS DOUBLE)
        THEN CASE
          WHEN `code_1` >= CAST('1.6000000000000000e+01' AS DOUBLE)
          THEN CASE WHEN `code_1` >= CAST('1.7000000000000000e+01' AS DOUBLE) THEN 'against: created month: missing' ELSE 'created month: missing' END
          ELSE 'against: created month: another value'
        END
        ELSE CASE WHEN `code_1` >= CAST('1.4000000000000000e+01' AS DOUBLE) THEN 'created month: another value' ELSE 'against: opted in: yes' END
      END
      ELSE CASE
        WHEN `code_1` >= CAST('1.1000000000000000e+01' AS DOUBLE)
        THEN CASE WHEN `code_1` >= CAST('1.2000000000000000e+01' AS DOUBLE) THEN 'opted in: yes' ELSE 'against: opted in: no' END
        ELSE CASE WHEN `code_1` >= CAST('1.0000000000000000e+01' AS DOUBLE) THEN 'opted in: no' ELSE 'against: source: missing' END
      END
    END
    WHEN `code_1` < CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN CASE
      WHEN `code_1` >= CAST('4.0000000000000000e+00' AS DOUBLE)
      THEN CASE
        WHEN `code_1` >= CAST('6.0000000000000000e+00' AS DOUBLE)
        THEN CASE
          WHEN `code_1` >= CAST('7.0000000000000000e+00' AS DOUBLE)
          THEN CASE WHEN `code_1` >= CAST('8.0000000000000000e+00' AS DOUBLE) THEN 'source: missing' ELSE 'against: source: another value' END
          ELSE 'source: another value'
        END
        ELSE CASE WHEN `code_1` >= CAST('5.0000000000000000e+00' AS DOUBLE) THEN 'against: source: web' ELSE 'source: web' END
      END
      ELSE CASE
        WHEN `code_1` >= CAST('2.0000000000000000e+00' AS DOUBLE)
        THEN CASE WHEN `code_1` >= CAST('3.0000000000000000e+00' AS DOUBLE) THEN 'against: visits: high' ELSE 'visits: high' END
        ELSE CASE WHEN `code_1` >= CAST('1.0000000000000000e+00' AS DOUBLE) THEN 'against: visits: low' ELSE 'visits: low' END
      END
    END
  END AS `reason_1`,
  CASE
    WHEN `code_1` >= CAST('1.4000000000000000e+01' AS DOUBLE)
    THEN `created month_effect`
    WHEN `code_1` >= CAST('1.0000000000000000e+01' AS DOUBLE)
    THEN `opted in_effect`
    WHEN `code_1` >= CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN `source_effect`
    WHEN `code_1` < CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN `visits_effect`
  END AS `reason_1_effect`,
  CASE
    WHEN `code_2` >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN CASE
      WHEN `code_2` >= CAST('1.3000000000000000e+01' AS DOUBLE)
      THEN CASE
        WHEN `code_2` >= CAST('1.5000000000000000e+01' AS DOUBLE)
        THEN CASE
          WHEN `code_2` >= CAST('1.6000000000000000e+01' AS DOUBLE)
          THEN CASE WHEN `code_2` >= CAST('1.7000000000000000e+01' AS DOUBLE) THEN 'against: created month: missing' ELSE 'created month: missing' END
          ELSE 'against: created month: another value'
        END
        ELSE CASE WHEN `code_2` >= CAST('1.4000000000000000e+01' AS DOUBLE) THEN 'created month: another value' ELSE 'against: opted in: yes' END
      END
      ELSE CASE
        WHEN `code_2` >= CAST('1.1000000000000000e+01' AS DOUBLE)
        THEN CASE WHEN `code_2` >= CAST('1.2000000000000000e+01' AS DOUBLE) THEN 'opted in: yes' ELSE 'against: opted in: no' END
        ELSE CASE WHEN `code_2` >= CAST('1.0000000000000000e+01' AS DOUBLE) THEN 'opted in: no' ELSE 'against: source: missing' END
      END
    END
    WHEN `code_2` < CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN CASE
      WHEN `code_2` >= CAST('4.0000000000000000e+00' AS DOUBLE)
      THEN CASE
        WHEN `code_2` >= CAST('6.0000000000000000e+00' AS DOUBLE)
        THEN CASE
          WHEN `code_2` >= CAST('7.0000000000000000e+00' AS DOUBLE)
          THEN CASE WHEN `code_2` >= CAST('8.0000000000000000e+00' AS DOUBLE) THEN 'source: missing' ELSE 'against: source: another value' END
          ELSE 'source: another value'
        END
        ELSE CASE WHEN `code_2` >= CAST('5.0000000000000000e+00' AS DOUBLE) THEN 'against: source: web' ELSE 'source: web' END
      END
      ELSE CASE
        WHEN `code_2` >= CAST('2.0000000000000000e+00' AS DOUBLE)
        THEN CASE WHEN `code_2` >= CAST('3.0000000000000000e+00' AS DOUBLE) THEN 'against: visits: high' ELSE 'visits: high' END
        ELSE CASE WHEN `code_2` >= CAST('1.0000000000000000e+00' AS DOUBLE) THEN 'against: visits: low' ELSE 'visits: low' END
      END
    END
  END AS `reason_2`,
  CASE
    WHEN `code_2` >= CAST('1.4000000000000000e+01' AS DOUBLE)
    THEN `created month_effect`
    WHEN `code_2` >= CAST('1.0000000000000000e+01' AS DOUBLE)
    THEN `opted in_effect`
    WHEN `code_2` >= CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN `source_effect`
    WHEN `code_2` < CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN `visits_effect`
  END AS `reason_2_effect`,
  `rank_place` AS `rank`,
  CASE
    WHEN `tenths_before` >= CAST('9.0000000000000000e+00' AS DOUBLE)
    THEN 10
    WHEN `tenths_before` >= CAST('8.0000000000000000e+00' AS DOUBLE)
    THEN 9
    WHEN `tenths_before` >= CAST('7.0000000000000000e+00' AS DOUBLE)
    THEN 8
    WHEN `tenths_before` >= CAST('6.0000000000000000e+00' AS DOUBLE)
    THEN 7
    WHEN `tenths_before` >= CAST('5.0000000000000000e+00' AS DOUBLE)
    THEN 6
    WHEN `tenths_before` >= CAST('4.0000000000000000e+00' AS DOUBLE)
    THEN 5
    WHEN `tenths_before` >= CAST('3.0000000000000000e+00' AS DOUBLE)
    THEN 4
    WHEN `tenths_before` >= CAST('2.0000000000000000e+00' AS DOUBLE)
    THEN 3
    WHEN `tenths_before` >= CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 2
    WHEN `tenths_before` < CAST('1.0000000000000000e+00' AS DOUBLE)
    THEN 1
  END AS `decile`,
  `opted in_contribution`,
  `source_contribution`,
  `visits_contribution`,
  `trees_contribution`,
  `created month_effect`,
  `opted in_effect`,
  `source_effect`,
  `visits_effect`
FROM `odds`
