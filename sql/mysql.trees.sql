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
      WHEN CAST(CAST(`opted in` AS SIGNED) AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(CAST(`opted in` AS SIGNED) AS DOUBLE)
      ELSE 1.0000000000000000e+00
    END AS `opted in_input`,
    CAST(`source` AS CHAR) AS `source_input`,
    CASE
      WHEN CAST(`visits` AS DOUBLE) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN 3.0000000000000000e+00
      WHEN CAST(`visits` AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(`visits` AS DOUBLE)
      ELSE 3.0000000000000000e+00
    END AS `visits_input`,
    CASE
      WHEN CAST(CAST(`opted in` AS SIGNED) AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(CAST(`opted in` AS SIGNED) AS DOUBLE)
    END AS `opted in_known`,
    CASE
      WHEN CAST(`visits` AS DOUBLE) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN NULL
      WHEN CAST(`visits` AS DOUBLE) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(`visits` AS DOUBLE)
    END AS `visits_known`,
    CAST(`id` AS CHAR) AS `key_text_1`
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
        WHEN 2.5000000000000000e+00 > `visits_known`
        THEN CASE
          WHEN `created month_input` BETWEEN 1.0000000000000000e+00 AND 8.0000000000000000e+00
          OR `created month_input` BETWEEN 1.1000000000000000e+01 AND 1.1000000000000000e+01
          THEN (-2.5000000000000000e-01)
          ELSE 1.2500000000000000e-01
        END
        ELSE 6.2500000000000000e-02
      END
      + CASE
        WHEN `source_input` IS NULL
        OR CAST(`source_input` AS BINARY) = CAST('fair' AS BINARY)
        OR CAST(`source_input` AS BINARY) = CAST('it''s' AS BINARY)
        OR CAST(`source_input` AS BINARY) = CAST('Select' AS BINARY)
        THEN CASE WHEN `opted in_known` >= 5.0000000000000000e-01 THEN 2.5000000000000000e-01 ELSE (-5.0000000000000000e-01) END
        ELSE CASE WHEN `visits_known` >= 7.0000000000000000e+00 THEN 2.5000000000000000e-01 ELSE (-1.2500000000000000e-01) END
      END AS `trees_sum_2`,
    CASE
      WHEN 2.5000000000000000e+00 > `visits_known`
      THEN CASE
        WHEN `created month_input` BETWEEN 1.0000000000000000e+00 AND 8.0000000000000000e+00
        OR `created month_input` BETWEEN 1.1000000000000000e+01 AND 1.1000000000000000e+01
        THEN (-1.8750000000000000e-01)
        ELSE 1.8750000000000000e-01
      END
      ELSE 0.0000000000000000e+00
    END AS `created month_in_trees_2`,
    CASE
      WHEN `source_input` IS NULL
      OR CAST(`source_input` AS BINARY) = CAST('fair' AS BINARY)
      OR CAST(`source_input` AS BINARY) = CAST('it''s' AS BINARY)
      OR CAST(`source_input` AS BINARY) = CAST('Select' AS BINARY)
      THEN CASE WHEN `opted in_known` >= 5.0000000000000000e-01 THEN 3.7500000000000000e-01 ELSE (-3.7500000000000000e-01) END
      ELSE 0.0000000000000000e+00
    END AS `opted in_in_trees_2`,
    CASE
      WHEN `source_input` IS NULL
      OR CAST(`source_input` AS BINARY) = CAST('fair' AS BINARY)
      OR CAST(`source_input` AS BINARY) = CAST('it''s' AS BINARY)
      OR CAST(`source_input` AS BINARY) = CAST('Select' AS BINARY)
      THEN (-9.3750000000000000e-02)
      ELSE 3.1250000000000000e-02
    END AS `source_in_trees_2`,
    CASE
        WHEN 2.5000000000000000e+00 > `visits_known`
        THEN (-6.2500000000000000e-02)
        ELSE 6.2500000000000000e-02
      END
      + CASE
        WHEN `source_input` IS NULL
        OR CAST(`source_input` AS BINARY) = CAST('fair' AS BINARY)
        OR CAST(`source_input` AS BINARY) = CAST('it''s' AS BINARY)
        OR CAST(`source_input` AS BINARY) = CAST('Select' AS BINARY)
        THEN 0.0000000000000000e+00
        ELSE CASE WHEN `visits_known` >= 7.0000000000000000e+00 THEN 2.5000000000000000e-01 ELSE (-1.2500000000000000e-01) END
      END AS `visits_in_trees_2`
  FROM `inputs`
), `contributions` AS (
  SELECT
    `id`,
    `key_text_1`,
    (`opted in_input` - 9.0000000000000002e-01) * 8.3333333333333337e-01 AS `opted in_contribution`, /* mean 0.9, std 0.3, weight 0.25 */
    CASE
      WHEN `source_input` IS NULL
      THEN 0.0000000000000000e+00
      WHEN CAST(`source_input` AS BINARY) = CAST('web' AS BINARY)
      THEN 2.5000000000000000e-01
      WHEN CAST(`source_input` AS BINARY) = CAST('Select' AS BINARY)
      THEN 0.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END AS `source_contribution`, /* 1 levels, weight 0.25 */
    (`visits_input` - 3.0000000000000000e+00) * 1.2500000000000000e-01 AS `visits_contribution`, /* mean 3, std 2, weight 0.25 */
    `trees_sum_2` AS `trees_contribution`, /* 2 trees, weight 0.25 */
    `created month_in_trees_2` AS `created month_in_trees`,
    `opted in_in_trees_2` AS `opted in_in_trees`,
    `source_in_trees_2` AS `source_in_trees`,
    `visits_in_trees_2` AS `visits_in_trees`,
    1.4000000000000000e+01
      + (2.0000000000000000e+00 * FLOOR(
        CASE
          WHEN `created month_input` BETWEEN (-1.2000000000000000e+01) AND 1.2000000000000000e+01
          THEN 0.0000000000000000e+00
          ELSE 1.0000000000000000e+00
        END
      )) AS `created month_reason`,
    1.0000000000000000e+01
      + (2.0000000000000000e+00 * FLOOR(
        5.0000000000000000e-01 + (5.0000000000000000e-01 * SIGN(`opted in_input` - 9.0000000000000002e-01))
      )) AS `opted in_reason`,
    4.0000000000000000e+00
      + (2.0000000000000000e+00 * FLOOR(
        CASE
          WHEN `source_input` IS NULL
          THEN 2.0000000000000000e+00
          WHEN CAST(`source_input` AS BINARY) = CAST('web' AS BINARY)
          THEN 0.0000000000000000e+00
          WHEN CAST(`source_input` AS BINARY) = CAST('Select' AS BINARY)
          THEN 2.0000000000000000e+00
          ELSE 1.0000000000000000e+00
        END
      )) AS `source_reason`,
    0.0000000000000000e+00
      + (2.0000000000000000e+00 * FLOOR(
        5.0000000000000000e-01 + (5.0000000000000000e-01 * SIGN(`visits_input` - 3.0000000000000000e+00))
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
    3.0000000000000000e+00 * `created month_in_trees` AS `created month_effect`,
    3.0000000000000000e+00 * (`opted in_contribution` + `opted in_in_trees`) AS `opted in_effect`,
    3.0000000000000000e+00 * (`source_contribution` + `source_in_trees`) AS `source_effect`,
    3.0000000000000000e+00 * (`visits_contribution` + `visits_in_trees`) AS `visits_effect`
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
    (-5.0000000000000000e-01) + (3.0000000000000000e+00 * `lead_score`) AS `log_odds`,
    (FLOOR(
        (ABS(`created month_effect`) / (ABS(`created month_effect`) + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + (`created month_reason`
        + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN(`created month_effect`)))) AS `created month_key`,
    (FLOOR(
        (ABS(`opted in_effect`) / (ABS(`opted in_effect`) + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + (`opted in_reason` + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN(`opted in_effect`)))) AS `opted in_key`,
    (FLOOR(
        (ABS(`source_effect`) / (ABS(`source_effect`) + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + (`source_reason` + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN(`source_effect`)))) AS `source_key`,
    (FLOOR(
        (ABS(`visits_effect`) / (ABS(`visits_effect`) + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + (`visits_reason` + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN(`visits_effect`)))) AS `visits_key`
  FROM `lead_scores`
  LIMIT 9223372036854775807
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
    5.0000000000000000e-01 * ((`created month_key` + `opted in_key`) + ABS(`created month_key` - `opted in_key`)) AS `key_1_1_1`,
    5.0000000000000000e-01 * ((`created month_key` + `opted in_key`) - ABS(`created month_key` - `opted in_key`)) AS `key_1_1_2`,
    5.0000000000000000e-01 * ((`source_key` + `visits_key`) + ABS(`source_key` - `visits_key`)) AS `key_1_2_1`,
    5.0000000000000000e-01 * ((`source_key` + `visits_key`) - ABS(`source_key` - `visits_key`)) AS `key_1_2_2`
  FROM `log_odds`
  LIMIT 9223372036854775807
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
    5.0000000000000000e-01 * ((`key_1_1_1` + `key_1_2_1`) + ABS(`key_1_1_1` - `key_1_2_1`)) AS `key_2_1_1`,
    5.0000000000000000e-01 * ((`key_1_1_2`
        + (5.0000000000000000e-01 * ((`key_1_2_2`
            + (5.0000000000000000e-01 * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`))))
          + ABS(
            `key_1_2_2` - (5.0000000000000000e-01 * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`)))
          ))))
      + ABS(
        `key_1_1_2` - (5.0000000000000000e-01 * ((`key_1_2_2`
            + (5.0000000000000000e-01 * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`))))
          + ABS(
            `key_1_2_2` - (5.0000000000000000e-01 * ((`key_1_1_1` + `key_1_2_1`) - ABS(`key_1_1_1` - `key_1_2_1`)))
          )))
      )) AS `key_2_1_2`
  FROM `round_1`
  LIMIT 9223372036854775807
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
      WHEN `key_2_1_1` >= 3.2000000000000000e+01
      THEN `key_2_1_1` - (3.2000000000000000e+01 * FLOOR(`key_2_1_1` / 3.2000000000000000e+01))
    END AS `code_1`,
    CASE
      WHEN `key_2_1_2` >= 3.2000000000000000e+01
      THEN `key_2_1_2` - (3.2000000000000000e+01 * FLOOR(`key_2_1_2` / 3.2000000000000000e+01))
    END AS `code_2`
  FROM `round_2`
  LIMIT 9223372036854775807
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
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN `log_odds` IS NULL THEN 1 ELSE 0 END, `log_odds` DESC, CAST(`key_text_1` AS BINARY)
    ) AS `rank_place`,
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN `log_odds` IS NULL THEN 1 ELSE 0 END, `log_odds` DESC, CAST(`key_text_1` AS BINARY)
    ) AS `overall_place`,
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
      WHEN `log_odds` BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP(`log_odds`)
      WHEN `log_odds` > 0.0000000000000000e+00
      THEN 1.0000000000000000e+100
      ELSE 0.0000000000000000e+00
    END AS `odds`,
    (1.0000000000000000e+01 * (CAST(`overall_place` AS DOUBLE) - 1.0000000000000000e+00)) / CAST(`scored_rows` AS DOUBLE) AS `tenths_before`
  FROM `ranked`
)
SELECT
  `id`,
  `lead_score`,
  `log_odds`,
  `odds` / (1.0000000000000000e+00 + `odds`) AS `probability`,
  CASE
    WHEN `code_1` >= 9.0000000000000000e+00
    THEN CASE
      WHEN `code_1` >= 1.3000000000000000e+01
      THEN CASE
        WHEN `code_1` >= 1.5000000000000000e+01
        THEN CASE
          WHEN `code_1` >= 1.6000000000000000e+01
          THEN CASE WHEN `code_1` >= 1.7000000000000000e+01 THEN 'against: created month: missing' ELSE 'created month: missing' END
          ELSE 'against: created month: another value'
        END
        ELSE CASE WHEN `code_1` >= 1.4000000000000000e+01 THEN 'created month: another value' ELSE 'against: opted in: yes' END
      END
      ELSE CASE
        WHEN `code_1` >= 1.1000000000000000e+01
        THEN CASE WHEN `code_1` >= 1.2000000000000000e+01 THEN 'opted in: yes' ELSE 'against: opted in: no' END
        ELSE CASE WHEN `code_1` >= 1.0000000000000000e+01 THEN 'opted in: no' ELSE 'against: source: missing' END
      END
    END
    WHEN `code_1` < 9.0000000000000000e+00
    THEN CASE
      WHEN `code_1` >= 4.0000000000000000e+00
      THEN CASE
        WHEN `code_1` >= 6.0000000000000000e+00
        THEN CASE
          WHEN `code_1` >= 7.0000000000000000e+00
          THEN CASE WHEN `code_1` >= 8.0000000000000000e+00 THEN 'source: missing' ELSE 'against: source: another value' END
          ELSE 'source: another value'
        END
        ELSE CASE WHEN `code_1` >= 5.0000000000000000e+00 THEN 'against: source: web' ELSE 'source: web' END
      END
      ELSE CASE
        WHEN `code_1` >= 2.0000000000000000e+00
        THEN CASE WHEN `code_1` >= 3.0000000000000000e+00 THEN 'against: visits: high' ELSE 'visits: high' END
        ELSE CASE WHEN `code_1` >= 1.0000000000000000e+00 THEN 'against: visits: low' ELSE 'visits: low' END
      END
    END
  END AS `reason_1`,
  CASE
    WHEN `code_1` >= 1.4000000000000000e+01
    THEN `created month_effect`
    WHEN `code_1` >= 1.0000000000000000e+01
    THEN `opted in_effect`
    WHEN `code_1` >= 4.0000000000000000e+00
    THEN `source_effect`
    WHEN `code_1` < 4.0000000000000000e+00
    THEN `visits_effect`
  END AS `reason_1_effect`,
  CASE
    WHEN `code_2` >= 9.0000000000000000e+00
    THEN CASE
      WHEN `code_2` >= 1.3000000000000000e+01
      THEN CASE
        WHEN `code_2` >= 1.5000000000000000e+01
        THEN CASE
          WHEN `code_2` >= 1.6000000000000000e+01
          THEN CASE WHEN `code_2` >= 1.7000000000000000e+01 THEN 'against: created month: missing' ELSE 'created month: missing' END
          ELSE 'against: created month: another value'
        END
        ELSE CASE WHEN `code_2` >= 1.4000000000000000e+01 THEN 'created month: another value' ELSE 'against: opted in: yes' END
      END
      ELSE CASE
        WHEN `code_2` >= 1.1000000000000000e+01
        THEN CASE WHEN `code_2` >= 1.2000000000000000e+01 THEN 'opted in: yes' ELSE 'against: opted in: no' END
        ELSE CASE WHEN `code_2` >= 1.0000000000000000e+01 THEN 'opted in: no' ELSE 'against: source: missing' END
      END
    END
    WHEN `code_2` < 9.0000000000000000e+00
    THEN CASE
      WHEN `code_2` >= 4.0000000000000000e+00
      THEN CASE
        WHEN `code_2` >= 6.0000000000000000e+00
        THEN CASE
          WHEN `code_2` >= 7.0000000000000000e+00
          THEN CASE WHEN `code_2` >= 8.0000000000000000e+00 THEN 'source: missing' ELSE 'against: source: another value' END
          ELSE 'source: another value'
        END
        ELSE CASE WHEN `code_2` >= 5.0000000000000000e+00 THEN 'against: source: web' ELSE 'source: web' END
      END
      ELSE CASE
        WHEN `code_2` >= 2.0000000000000000e+00
        THEN CASE WHEN `code_2` >= 3.0000000000000000e+00 THEN 'against: visits: high' ELSE 'visits: high' END
        ELSE CASE WHEN `code_2` >= 1.0000000000000000e+00 THEN 'against: visits: low' ELSE 'visits: low' END
      END
    END
  END AS `reason_2`,
  CASE
    WHEN `code_2` >= 1.4000000000000000e+01
    THEN `created month_effect`
    WHEN `code_2` >= 1.0000000000000000e+01
    THEN `opted in_effect`
    WHEN `code_2` >= 4.0000000000000000e+00
    THEN `source_effect`
    WHEN `code_2` < 4.0000000000000000e+00
    THEN `visits_effect`
  END AS `reason_2_effect`,
  `rank_place` AS `rank`,
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
  `opted in_contribution`,
  `source_contribution`,
  `visits_contribution`,
  `trees_contribution`,
  `created month_effect`,
  `opted in_effect`,
  `source_effect`,
  `visits_effect`
FROM `odds`
