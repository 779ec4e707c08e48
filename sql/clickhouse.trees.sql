/* leadweights trees, model 9b70cf49e50b, standardized
  created   a date, or a timestamp without a time zone
  opted in  true or false, or 1 or 0
  source    a text, or a whole number
  visits    a number
  id        a text, or a whole number */
WITH "inputs" AS (
  SELECT
    "leads"."id" AS "id",
    CAST(EXTRACT(MONTH FROM CAST("leads"."created" AS Nullable(Date32))) AS Nullable(Float64)) AS "created month_input",
    CASE
      WHEN CAST(CAST("leads"."opted in" AS Nullable(Int32)) AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(CAST("leads"."opted in" AS Nullable(Int32)) AS Nullable(Float64))
      ELSE 1.0000000000000000e+00
    END AS "opted in_input",
    CAST("leads"."source" AS Nullable(String)) AS "source_input",
    CASE
      WHEN CAST("leads"."visits" AS Nullable(Float64)) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN 3.0000000000000000e+00
      WHEN CAST("leads"."visits" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."visits" AS Nullable(Float64))
      ELSE 3.0000000000000000e+00
    END AS "visits_input",
    CASE
      WHEN CAST(CAST("leads"."opted in" AS Nullable(Int32)) AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST(CAST("leads"."opted in" AS Nullable(Int32)) AS Nullable(Float64))
    END AS "opted in_known",
    CASE
      WHEN CAST("leads"."visits" AS Nullable(Float64)) BETWEEN 9.9900000000000000e+02 AND 9.9900000000000000e+02
      THEN NULL
      WHEN CAST("leads"."visits" AS Nullable(Float64)) BETWEEN (-1.0000000000000000e+100) AND 1.0000000000000000e+100
      THEN CAST("leads"."visits" AS Nullable(Float64))
    END AS "visits_known",
    CAST("leads"."id" AS Nullable(String)) AS "key_text_1"
  FROM "leads"
), "trees_1" AS (
  SELECT
    "inputs"."id" AS "id",
    "inputs"."created month_input" AS "created month_input",
    "inputs"."opted in_input" AS "opted in_input",
    "inputs"."source_input" AS "source_input",
    "inputs"."visits_input" AS "visits_input",
    "inputs"."key_text_1" AS "key_text_1",
    CASE
        WHEN 2.5000000000000000e+00 > "inputs"."visits_known"
        THEN CASE
          WHEN "inputs"."created month_input" BETWEEN 1.0000000000000000e+00 AND 8.0000000000000000e+00
          OR "inputs"."created month_input" BETWEEN 1.1000000000000000e+01 AND 1.1000000000000000e+01
          THEN (-2.5000000000000000e-01)
          ELSE 1.2500000000000000e-01
        END
        ELSE 6.2500000000000000e-02
      END
      + CASE
        WHEN "inputs"."source_input" IS NULL
        OR "inputs"."source_input" = 'fair'
        OR "inputs"."source_input" = 'it''s'
        OR "inputs"."source_input" = 'Select'
        THEN CASE WHEN "inputs"."opted in_known" >= 5.0000000000000000e-01 THEN 2.5000000000000000e-01 ELSE (-5.0000000000000000e-01) END
        ELSE CASE WHEN "inputs"."visits_known" >= 7.0000000000000000e+00 THEN 2.5000000000000000e-01 ELSE (-1.2500000000000000e-01) END
      END AS "trees_sum_2",
    CASE
      WHEN 2.5000000000000000e+00 > "inputs"."visits_known"
      THEN CASE
        WHEN "inputs"."created month_input" BETWEEN 1.0000000000000000e+00 AND 8.0000000000000000e+00
        OR "inputs"."created month_input" BETWEEN 1.1000000000000000e+01 AND 1.1000000000000000e+01
        THEN (-1.8750000000000000e-01)
        ELSE 1.8750000000000000e-01
      END
      ELSE 0.0000000000000000e+00
    END AS "created month_in_trees_2",
    CASE
      WHEN "inputs"."source_input" IS NULL
      OR "inputs"."source_input" = 'fair'
      OR "inputs"."source_input" = 'it''s'
      OR "inputs"."source_input" = 'Select'
      THEN CASE WHEN "inputs"."opted in_known" >= 5.0000000000000000e-01 THEN 3.7500000000000000e-01 ELSE (-3.7500000000000000e-01) END
      ELSE 0.0000000000000000e+00
    END AS "opted in_in_trees_2",
    CASE
      WHEN "inputs"."source_input" IS NULL
      OR "inputs"."source_input" = 'fair'
      OR "inputs"."source_input" = 'it''s'
      OR "inputs"."source_input" = 'Select'
      THEN (-9.3750000000000000e-02)
      ELSE 3.1250000000000000e-02
    END AS "source_in_trees_2",
    CASE
        WHEN 2.5000000000000000e+00 > "inputs"."visits_known"
        THEN (-6.2500000000000000e-02)
        ELSE 6.2500000000000000e-02
      END
      + CASE
        WHEN "inputs"."source_input" IS NULL
        OR "inputs"."source_input" = 'fair'
        OR "inputs"."source_input" = 'it''s'
        OR "inputs"."source_input" = 'Select'
        THEN 0.0000000000000000e+00
        ELSE CASE WHEN "inputs"."visits_known" >= 7.0000000000000000e+00 THEN 2.5000000000000000e-01 ELSE (-1.2500000000000000e-01) END
      END AS "visits_in_trees_2"
  FROM "inputs"
), "contributions" AS (
  SELECT
    "trees_1"."id" AS "id",
    "trees_1"."key_text_1" AS "key_text_1",
    ("trees_1"."opted in_input" - 9.0000000000000002e-01) * 8.3333333333333337e-01 AS "opted in_contribution", /* mean 0.9, std 0.3, weight 0.25 */
    CASE
      WHEN "trees_1"."source_input" IS NULL
      THEN 0.0000000000000000e+00
      WHEN "trees_1"."source_input" = 'web'
      THEN 2.5000000000000000e-01
      WHEN "trees_1"."source_input" = 'Select'
      THEN 0.0000000000000000e+00
      ELSE 0.0000000000000000e+00
    END AS "source_contribution", /* 1 levels, weight 0.25 */
    ("trees_1"."visits_input" - 3.0000000000000000e+00) * 1.2500000000000000e-01 AS "visits_contribution", /* mean 3, std 2, weight 0.25 */
    "trees_1"."trees_sum_2" AS "trees_contribution", /* 2 trees, weight 0.25 */
    "trees_1"."created month_in_trees_2" AS "created month_in_trees",
    "trees_1"."opted in_in_trees_2" AS "opted in_in_trees",
    "trees_1"."source_in_trees_2" AS "source_in_trees",
    "trees_1"."visits_in_trees_2" AS "visits_in_trees",
    1.4000000000000000e+01
      + (2.0000000000000000e+00 * FLOOR(
        CASE
          WHEN "trees_1"."created month_input" BETWEEN (-1.2000000000000000e+01) AND 1.2000000000000000e+01
          THEN 0.0000000000000000e+00
          ELSE 1.0000000000000000e+00
        END
      )) AS "created month_reason",
    1.0000000000000000e+01
      + (2.0000000000000000e+00 * FLOOR(
        5.0000000000000000e-01
          + (5.0000000000000000e-01 * SIGN("trees_1"."opted in_input" - 9.0000000000000002e-01))
      )) AS "opted in_reason",
    4.0000000000000000e+00
      + (2.0000000000000000e+00 * FLOOR(
        CASE
          WHEN "trees_1"."source_input" IS NULL
          THEN 2.0000000000000000e+00
          WHEN "trees_1"."source_input" = 'web'
          THEN 0.0000000000000000e+00
          WHEN "trees_1"."source_input" = 'Select'
          THEN 2.0000000000000000e+00
          ELSE 1.0000000000000000e+00
        END
      )) AS "source_reason",
    0.0000000000000000e+00
      + (2.0000000000000000e+00 * FLOOR(
        5.0000000000000000e-01
          + (5.0000000000000000e-01 * SIGN("trees_1"."visits_input" - 3.0000000000000000e+00))
      )) AS "visits_reason"
  FROM "trees_1"
), "lead_scores" AS (
  SELECT
    "contributions"."id" AS "id",
    "contributions"."key_text_1" AS "key_text_1",
    "contributions"."opted in_contribution" AS "opted in_contribution",
    "contributions"."source_contribution" AS "source_contribution",
    "contributions"."visits_contribution" AS "visits_contribution",
    "contributions"."trees_contribution" AS "trees_contribution",
    "contributions"."created month_reason" AS "created month_reason",
    "contributions"."opted in_reason" AS "opted in_reason",
    "contributions"."source_reason" AS "source_reason",
    "contributions"."visits_reason" AS "visits_reason",
    "contributions"."opted in_contribution"
      + "contributions"."source_contribution"
      + "contributions"."visits_contribution"
      + "contributions"."trees_contribution" AS "lead_score",
    3.0000000000000000e+00 * "contributions"."created month_in_trees" AS "created month_effect",
    3.0000000000000000e+00 * ("contributions"."opted in_contribution" + "contributions"."opted in_in_trees") AS "opted in_effect",
    3.0000000000000000e+00 * ("contributions"."source_contribution" + "contributions"."source_in_trees") AS "source_effect",
    3.0000000000000000e+00 * ("contributions"."visits_contribution" + "contributions"."visits_in_trees") AS "visits_effect"
  FROM "contributions"
), "log_odds" AS (
  SELECT
    "lead_scores"."id" AS "id",
    "lead_scores"."key_text_1" AS "key_text_1",
    "lead_scores"."opted in_contribution" AS "opted in_contribution",
    "lead_scores"."source_contribution" AS "source_contribution",
    "lead_scores"."visits_contribution" AS "visits_contribution",
    "lead_scores"."trees_contribution" AS "trees_contribution",
    "lead_scores"."lead_score" AS "lead_score",
    "lead_scores"."created month_effect" AS "created month_effect",
    "lead_scores"."opted in_effect" AS "opted in_effect",
    "lead_scores"."source_effect" AS "source_effect",
    "lead_scores"."visits_effect" AS "visits_effect",
    (-5.0000000000000000e-01) + (3.0000000000000000e+00 * "lead_scores"."lead_score") AS "log_odds",
    (FLOOR(
        (ABS("lead_scores"."created month_effect") / (ABS("lead_scores"."created month_effect") + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + ("lead_scores"."created month_reason"
        + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN("lead_scores"."created month_effect")))) AS "created month_key",
    (FLOOR(
        (ABS("lead_scores"."opted in_effect") / (ABS("lead_scores"."opted in_effect") + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + ("lead_scores"."opted in_reason"
        + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN("lead_scores"."opted in_effect")))) AS "opted in_key",
    (FLOOR(
        (ABS("lead_scores"."source_effect") / (ABS("lead_scores"."source_effect") + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + ("lead_scores"."source_reason"
        + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN("lead_scores"."source_effect")))) AS "source_key",
    (FLOOR(
        (ABS("lead_scores"."visits_effect") / (ABS("lead_scores"."visits_effect") + 1.6000000000000000e+01)) * 2.7487790694400000e+11
      ) * 3.2000000000000000e+01)
      + ("lead_scores"."visits_reason"
        + (5.0000000000000000e-01 - (5.0000000000000000e-01 * SIGN("lead_scores"."visits_effect")))) AS "visits_key"
  FROM "lead_scores"
), "round_1" AS (
  SELECT
    "log_odds"."id" AS "id",
    "log_odds"."key_text_1" AS "key_text_1",
    "log_odds"."opted in_contribution" AS "opted in_contribution",
    "log_odds"."source_contribution" AS "source_contribution",
    "log_odds"."visits_contribution" AS "visits_contribution",
    "log_odds"."trees_contribution" AS "trees_contribution",
    "log_odds"."lead_score" AS "lead_score",
    "log_odds"."created month_effect" AS "created month_effect",
    "log_odds"."opted in_effect" AS "opted in_effect",
    "log_odds"."source_effect" AS "source_effect",
    "log_odds"."visits_effect" AS "visits_effect",
    "log_odds"."log_odds" AS "log_odds",
    5.0000000000000000e-01 * (("log_odds"."created month_key" + "log_odds"."opted in_key")
      + ABS("log_odds"."created month_key" - "log_odds"."opted in_key")) AS "key_1_1_1",
    5.0000000000000000e-01 * (("log_odds"."created month_key" + "log_odds"."opted in_key") - ABS("log_odds"."created month_key" - "log_odds"."opted in_key")) AS "key_1_1_2",
    5.0000000000000000e-01 * (("log_odds"."source_key" + "log_odds"."visits_key")
      + ABS("log_odds"."source_key" - "log_odds"."visits_key")) AS "key_1_2_1",
    5.0000000000000000e-01 * (("log_odds"."source_key" + "log_odds"."visits_key") - ABS("log_odds"."source_key" - "log_odds"."visits_key")) AS "key_1_2_2"
  FROM "log_odds"
), "round_2" AS (
  SELECT
    "round_1"."id" AS "id",
    "round_1"."key_text_1" AS "key_text_1",
    "round_1"."opted in_contribution" AS "opted in_contribution",
    "round_1"."source_contribution" AS "source_contribution",
    "round_1"."visits_contribution" AS "visits_contribution",
    "round_1"."trees_contribution" AS "trees_contribution",
    "round_1"."lead_score" AS "lead_score",
    "round_1"."created month_effect" AS "created month_effect",
    "round_1"."opted in_effect" AS "opted in_effect",
    "round_1"."source_effect" AS "source_effect",
    "round_1"."visits_effect" AS "visits_effect",
    "round_1"."log_odds" AS "log_odds",
    5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."key_1_2_1")
      + ABS("round_1"."key_1_1_1" - "round_1"."key_1_2_1")) AS "key_2_1_1",
    5.0000000000000000e-01 * (("round_1"."key_1_1_2"
        + (5.0000000000000000e-01 * (("round_1"."key_1_2_2"
            + (5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."key_1_2_1") - ABS("round_1"."key_1_1_1" - "round_1"."key_1_2_1"))))
          + ABS(
            "round_1"."key_1_2_2" - (5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."key_1_2_1") - ABS("round_1"."key_1_1_1" - "round_1"."key_1_2_1")))
          ))))
      + ABS(
        "round_1"."key_1_1_2" - (5.0000000000000000e-01 * (("round_1"."key_1_2_2"
            + (5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."key_1_2_1") - ABS("round_1"."key_1_1_1" - "round_1"."key_1_2_1"))))
          + ABS(
            "round_1"."key_1_2_2" - (5.0000000000000000e-01 * (("round_1"."key_1_1_1" + "round_1"."key_1_2_1") - ABS("round_1"."key_1_1_1" - "round_1"."key_1_2_1")))
          )))
      )) AS "key_2_1_2"
  FROM "round_1"
), "reason_codes" AS (
  SELECT
    "round_2"."id" AS "id",
    "round_2"."key_text_1" AS "key_text_1",
    "round_2"."opted in_contribution" AS "opted in_contribution",
    "round_2"."source_contribution" AS "source_contribution",
    "round_2"."visits_contribution" AS "visits_contribution",
    "round_2"."trees_contribution" AS "trees_contribution",
    "round_2"."lead_score" AS "lead_score",
    "round_2"."created month_effect" AS "created month_effect",
    "round_2"."opted in_effect" AS "opted in_effect",
    "round_2"."source_effect" AS "source_effect",
    "round_2"."visits_effect" AS "visits_effect",
    "round_2"."log_odds" AS "log_odds",
    CASE
      WHEN "round_2"."key_2_1_1" >= 3.2000000000000000e+01
      THEN "round_2"."key_2_1_1" - (3.2000000000000000e+01 * FLOOR("round_2"."key_2_1_1" / 3.2000000000000000e+01))
    END AS "code_1",
    CASE
      WHEN "round_2"."key_2_1_2" >= 3.2000000000000000e+01
      THEN "round_2"."key_2_1_2" - (3.2000000000000000e+01 * FLOOR("round_2"."key_2_1_2" / 3.2000000000000000e+01))
    END AS "code_2"
  FROM "round_2"
), "ranked" AS (
  SELECT
    "reason_codes"."id" AS "id",
    "reason_codes"."opted in_contribution" AS "opted in_contribution",
    "reason_codes"."source_contribution" AS "source_contribution",
    "reason_codes"."visits_contribution" AS "visits_contribution",
    "reason_codes"."trees_contribution" AS "trees_contribution",
    "reason_codes"."lead_score" AS "lead_score",
    "reason_codes"."created month_effect" AS "created month_effect",
    "reason_codes"."opted in_effect" AS "opted in_effect",
    "reason_codes"."source_effect" AS "source_effect",
    "reason_codes"."visits_effect" AS "visits_effect",
    "reason_codes"."log_odds" AS "log_odds",
    "reason_codes"."code_1" AS "code_1",
    "reason_codes"."code_2" AS "code_2",
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN "reason_codes"."log_odds" IS NULL THEN 1 ELSE 0 END, "reason_codes"."log_odds" DESC, "reason_codes"."key_text_1"
    ) AS "rank_place",
    ROW_NUMBER() OVER (
      ORDER BY CASE WHEN "reason_codes"."log_odds" IS NULL THEN 1 ELSE 0 END, "reason_codes"."log_odds" DESC, "reason_codes"."key_text_1"
    ) AS "overall_place",
    COUNT("reason_codes"."log_odds") OVER () AS "scored_rows"
  FROM "reason_codes"
), "odds" AS (
  SELECT
    "ranked"."id" AS "id",
    "ranked"."opted in_contribution" AS "opted in_contribution",
    "ranked"."source_contribution" AS "source_contribution",
    "ranked"."visits_contribution" AS "visits_contribution",
    "ranked"."trees_contribution" AS "trees_contribution",
    "ranked"."lead_score" AS "lead_score",
    "ranked"."created month_effect" AS "created month_effect",
    "ranked"."opted in_effect" AS "opted in_effect",
    "ranked"."source_effect" AS "source_effect",
    "ranked"."visits_effect" AS "visits_effect",
    "ranked"."log_odds" AS "log_odds",
    "ranked"."code_1" AS "code_1",
    "ranked"."code_2" AS "code_2",
    "ranked"."rank_place" AS "rank_place",
    CASE
      WHEN "ranked"."log_odds" BETWEEN (-7.0800000000000000e+02) AND 7.0800000000000000e+02
      THEN EXP("ranked"."log_odds")
      WHEN "ranked"."log_odds" > 0.0000000000000000e+00
      THEN 1.0000000000000000e+100
      ELSE 0.0000000000000000e+00
    END AS "odds",
    (1.0000000000000000e+01 * (CAST("ranked"."overall_place" AS Nullable(Float64)) - 1.0000000000000000e+00)) / CAST("ranked"."scored_rows" AS Nullable(Float64)) AS "tenths_before"
  FROM "ranked"
)
SELECT
  "odds"."id" AS "id",
  "odds"."lead_score" AS "lead_score",
  "odds"."log_odds" AS "log_odds",
  "odds"."odds" / (1.0000000000000000e+00 + "odds"."odds") AS "probability",
  CASE
    WHEN "odds"."code_1" >= 9.0000000000000000e+00
    THEN CASE
      WHEN "odds"."code_1" >= 1.3000000000000000e+01
      THEN CASE
        WHEN "odds"."code_1" >= 1.5000000000000000e+01
        THEN CASE
          WHEN "odds"."code_1" >= 1.6000000000000000e+01
          THEN CASE WHEN "odds"."code_1" >= 1.7000000000000000e+01 THEN 'against: created month: missing' ELSE 'created month: missing' END
          ELSE 'against: created month: another value'
        END
        ELSE CASE WHEN "odds"."code_1" >= 1.4000000000000000e+01 THEN 'created month: another value' ELSE 'against: opted in: yes' END
      END
      ELSE CASE
        WHEN "odds"."code_1" >= 1.1000000000000000e+01
        THEN CASE WHEN "odds"."code_1" >= 1.2000000000000000e+01 THEN 'opted in: yes' ELSE 'against: opted in: no' END
        ELSE CASE WHEN "odds"."code_1" >= 1.0000000000000000e+01 THEN 'opted in: no' ELSE 'against: source: missing' END
      END
    END
    WHEN "odds"."code_1" < 9.0000000000000000e+00
    THEN CASE
      WHEN "odds"."code_1" >= 4.0000000000000000e+00
      THEN CASE
        WHEN "odds"."code_1" >= 6.0000000000000000e+00
        THEN CASE
          WHEN "odds"."code_1" >= 7.0000000000000000e+00
          THEN CASE WHEN "odds"."code_1" >= 8.0000000000000000e+00 THEN 'source: missing' ELSE 'against: source: another value' END
          ELSE 'source: another value'
        END
        ELSE CASE WHEN "odds"."code_1" >= 5.0000000000000000e+00 THEN 'against: source: web' ELSE 'source: web' END
      END
      ELSE CASE
        WHEN "odds"."code_1" >= 2.0000000000000000e+00
        THEN CASE WHEN "odds"."code_1" >= 3.0000000000000000e+00 THEN 'against: visits: high' ELSE 'visits: high' END
        ELSE CASE WHEN "odds"."code_1" >= 1.0000000000000000e+00 THEN 'against: visits: low' ELSE 'visits: low' END
      END
    END
  END AS "reason_1",
  CASE
    WHEN "odds"."code_1" >= 1.4000000000000000e+01
    THEN "odds"."created month_effect"
    WHEN "odds"."code_1" >= 1.0000000000000000e+01
    THEN "odds"."opted in_effect"
    WHEN "odds"."code_1" >= 4.0000000000000000e+00
    THEN "odds"."source_effect"
    WHEN "odds"."code_1" < 4.0000000000000000e+00
    THEN "odds"."visits_effect"
  END AS "reason_1_effect",
  CASE
    WHEN "odds"."code_2" >= 9.0000000000000000e+00
    THEN CASE
      WHEN "odds"."code_2" >= 1.3000000000000000e+01
      THEN CASE
        WHEN "odds"."code_2" >= 1.5000000000000000e+01
        THEN CASE
          WHEN "odds"."code_2" >= 1.6000000000000000e+01
          THEN CASE WHEN "odds"."code_2" >= 1.7000000000000000e+01 THEN 'against: created month: missing' ELSE 'created month: missing' END
          ELSE 'against: created month: another value'
        END
        ELSE CASE WHEN "odds"."code_2" >= 1.4000000000000000e+01 THEN 'created month: another value' ELSE 'against: opted in: yes' END
      END
      ELSE CASE
        WHEN "odds"."code_2" >= 1.1000000000000000e+01
        THEN CASE WHEN "odds"."code_2" >= 1.2000000000000000e+01 THEN 'opted in: yes' ELSE 'against: opted in: no' END
        ELSE CASE WHEN "odds"."code_2" >= 1.0000000000000000e+01 THEN 'opted in: no' ELSE 'against: source: missing' END
      END
    END
    WHEN "odds"."code_2" < 9.0000000000000000e+00
    THEN CASE
      WHEN "odds"."code_2" >= 4.0000000000000000e+00
      THEN CASE
        WHEN "odds"."code_2" >= 6.0000000000000000e+00
        THEN CASE
          WHEN "odds"."code_2" >= 7.0000000000000000e+00
          THEN CASE WHEN "odds"."code_2" >= 8.0000000000000000e+00 THEN 'source: missing' ELSE 'against: source: another value' END
          ELSE 'source: another value'
        END
        ELSE CASE WHEN "odds"."code_2" >= 5.0000000000000000e+00 THEN 'against: source: web' ELSE 'source: web' END
      END
      ELSE CASE
        WHEN "odds"."code_2" >= 2.0000000000000000e+00
        THEN CASE WHEN "odds"."code_2" >= 3.0000000000000000e+00 THEN 'against: visits: high' ELSE 'visits: high' END
        ELSE CASE WHEN "odds"."code_2" >= 1.0000000000000000e+00 THEN 'against: visits: low' ELSE 'visits: low' END
      END
    END
  END AS "reason_2",
  CASE
    WHEN "odds"."code_2" >= 1.4000000000000000e+01
    THEN "odds"."created month_effect"
    WHEN "odds"."code_2" >= 1.0000000000000000e+01
    THEN "odds"."opted in_effect"
    WHEN "odds"."code_2" >= 4.0000000000000000e+00
    THEN "odds"."source_effect"
    WHEN "odds"."code_2" < 4.0000000000000000e+00
    THEN "odds"."visits_effect"
  END AS "reason_2_effect",
  "odds"."rank_place" AS "rank",
  CASE
    WHEN "odds"."tenths_before" >= 9.0000000000000000e+00
    THEN 10
    WHEN "odds"."tenths_before" >= 8.0000000000000000e+00
    THEN 9
    WHEN "odds"."tenths_before" >= 7.0000000000000000e+00
    THEN 8
    WHEN "odds"."tenths_before" >= 6.0000000000000000e+00
    THEN 7
    WHEN "odds"."tenths_before" >= 5.0000000000000000e+00
    THEN 6
    WHEN "odds"."tenths_before" >= 4.0000000000000000e+00
    THEN 5
    WHEN "odds"."tenths_before" >= 3.0000000000000000e+00
    THEN 4
    WHEN "odds"."tenths_before" >= 2.0000000000000000e+00
    THEN 3
    WHEN "odds"."tenths_before" >= 1.0000000000000000e+00
    THEN 2
    WHEN "odds"."tenths_before" < 1.0000000000000000e+00
    THEN 1
  END AS "decile",
  "odds"."opted in_contribution" AS "opted in_contribution",
  "odds"."source_contribution" AS "source_contribution",
  "odds"."visits_contribution" AS "visits_contribution",
  "odds"."trees_contribution" AS "trees_contribution",
  "odds"."created month_effect" AS "created month_effect",
  "odds"."opted in_effect" AS "opted in_effect",
  "odds"."source_effect" AS "source_effect",
  "odds"."visits_effect" AS "visits_effect"
FROM "odds"
