"""The SQL of each view; `warehouse.views` says what they mean.

Joins are on `call_id`, `revision` and `call_date`, so that a condition on the date reaches the
files of every table. Sums of whole numbers are cast: DuckDB makes them 128 bits wide.
"""

from __future__ import annotations


def _clock(seconds: str) -> str:
    """SQL for seconds as a player shows them: `mm:ss`, from an hour on `h:mm:ss`."""
    whole = f"floor({seconds})::BIGINT"
    tail = f"printf('%02d:%02d', {whole} // 60 % 60, {whole} % 60)"
    return f"CASE WHEN {whole} >= 3600 THEN {whole} // 3600 || ':' || {tail} ELSE {tail} END"


_SAME_CALL = "USING (call_id, revision, call_date)"
_SAME_VOICE = "USING (call_id, revision, call_date, speaker)"
_WEEK = "date_trunc('week', c.call_date)::DATE AS week"
_REP = "coalesce(p.name, p.participant_id) AS rep, p.participant_id AS rep_id"
# What every view about a part of a call begins with; `p` is who spoke, `c` the call.
_CALL = f"""\
    c.call_id, c.revision, c.call_date, {_WEEK}, c.team, c.manager,
    {_REP},
    c.account, c.opportunity_id, c.recording, c.coachable"""

REP_CALLS_SQL = f"""\
WITH marked AS (
    SELECT call_id, revision, call_date, speaker,
        count(DISTINCT turn) FILTER (label = 'cliche_question') AS cliche_count,
        count(DISTINCT turn) FILTER (label = 'homework_question') AS homework_count,
        count(DISTINCT turn) FILTER (label = 'already_known') AS already_known_count
    FROM moments
    WHERE label IN ('cliche_question', 'homework_question', 'already_known')
    GROUP BY ALL
), tried AS (
    SELECT call_id, revision, call_date, speaker,
        count(*) AS hypothesis_count,
        count(confirmation_moment_id) AS confirmed_count,
        count(reframe_moment_id) AS reframed_count,
        count(*) FILTER (is_complete) AS complete_chain_count
    FROM chains
    GROUP BY ALL
), said AS (
    SELECT call_id, revision, call_date, speaker,
        count(*) AS claim_count,
        count(*) FILTER (verdict = 'drifted') AS drifted_claim_count
    FROM claims
    GROUP BY ALL
), reps AS (
    SELECT call_id, revision, call_date, {_REP},
        sum(p.talk_s) AS talk_s,
        sum(p.question_count)::INTEGER AS question_count,
        coalesce(sum(cliche_count), 0)::INTEGER AS cliche_count,
        coalesce(sum(homework_count), 0)::INTEGER AS homework_count,
        coalesce(sum(already_known_count), 0)::INTEGER AS already_known_count,
        coalesce(sum(hypothesis_count), 0)::INTEGER AS hypothesis_count,
        coalesce(sum(confirmed_count), 0)::INTEGER AS confirmed_count,
        coalesce(sum(reframed_count), 0)::INTEGER AS reframed_count,
        coalesce(sum(complete_chain_count), 0)::INTEGER AS complete_chain_count,
        coalesce(sum(claim_count), 0)::INTEGER AS claim_count,
        coalesce(sum(drifted_claim_count), 0)::INTEGER AS drifted_claim_count
    FROM participants p
    LEFT JOIN marked {_SAME_VOICE}
    LEFT JOIN tried {_SAME_VOICE}
    LEFT JOIN said {_SAME_VOICE}
    WHERE p.role = 'rep' AND p.is_heard
    GROUP BY ALL
)
SELECT
    c.call_id, c.revision, c.call_date, {_WEEK}, c.started_at, c.team, c.manager,
    r.rep, r.rep_id,
    c.account, c.opportunity_id, c.stage, c.call_type, c.recording, c.coachable, c.coachable_reason,
    r.talk_s, r.question_count,
    CASE WHEN s.cliche_question_count IS NOT NULL THEN r.cliche_count END AS cliche_count,
    CASE WHEN s.homework_question_count IS NOT NULL THEN r.homework_count END AS homework_count,
    CASE WHEN s.already_known_question_count IS NOT NULL
        THEN r.already_known_count END AS already_known_count,
    CASE WHEN s.chain_count IS NOT NULL THEN r.hypothesis_count END AS hypothesis_count,
    CASE WHEN s.chain_count IS NOT NULL THEN r.confirmed_count END AS confirmed_count,
    CASE WHEN s.chain_count IS NOT NULL THEN r.reframed_count END AS reframed_count,
    CASE WHEN s.chain_count IS NOT NULL THEN r.complete_chain_count END AS complete_chain_count,
    CASE WHEN s.claims_drifted_count IS NOT NULL THEN r.claim_count END AS claim_count,
    CASE WHEN s.claims_drifted_count IS NOT NULL
        THEN r.drifted_claim_count END AS drifted_claim_count
FROM reps r
JOIN calls c {_SAME_CALL}
JOIN scorecards s {_SAME_CALL}"""

REP_WEEKS_SQL = """\
SELECT
    week, max_by(team, started_at) AS team, max_by(rep, started_at) AS rep, rep_id,
    count(*) AS call_count,
    count(*) FILTER (coachable) AS coachable_call_count,
    count(cliche_count) FILTER (coachable) AS measured_call_count,
    CASE WHEN measured_call_count > 0
        THEN count(*) FILTER (coachable AND cliche_count > 0) END AS cliche_call_count,
    round(cliche_call_count / measured_call_count, 3) AS cliche_call_ratio,
    count(DISTINCT opportunity_id) FILTER (coachable AND cliche_count IS NOT NULL)
        AS measured_deal_count,
    CASE WHEN measured_deal_count > 0
        THEN count(DISTINCT opportunity_id) FILTER (coachable AND cliche_count > 0)
        END AS cliche_deal_count,
    round(cliche_deal_count / measured_deal_count, 3) AS cliche_deal_ratio,
    count(hypothesis_count) FILTER (coachable) AS chain_measured_call_count,
    CASE WHEN chain_measured_call_count > 0
        THEN count(*) FILTER (coachable AND hypothesis_count > 0) END AS hypothesis_call_count,
    round(hypothesis_call_count / chain_measured_call_count, 3) AS hypothesis_call_ratio,
    CASE WHEN chain_measured_call_count > 0
        THEN count(*) FILTER (coachable AND complete_chain_count > 0)
        END AS complete_chain_call_count,
    round(complete_chain_call_count / chain_measured_call_count, 3)
        AS complete_chain_call_ratio
FROM rep_calls
GROUP BY week, rep_id, CASE WHEN rep_id IS NULL THEN rep END"""

FLAGGED_MOMENTS_SQL = f"""\
WITH named_twice AS (
    SELECT h.call_id, h.revision, h.call_date, h.moment_id, true AS is_twice
    FROM moments h
    JOIN moments k USING (call_id, revision, call_date, turn)
    WHERE h.label = 'homework_question' AND k.label = 'already_known'
        AND h.start_char < k.end_char AND k.start_char < h.end_char
    GROUP BY ALL
)
SELECT
{_CALL},
    m.moment_id, m.turn, m.start_s, {_clock("m.start_s")} AS minute,
    m.label, m.severity, m.severity_reason, m.quote, m.reason AS why, m.better_move,
    m.known_answer, m.known_source,
    m.reply_word_count, m.reply_delay_s, m.reply_is_deflection,
    m.score, m.state, m.state_reason
FROM moments m
JOIN participants p {_SAME_VOICE}
JOIN calls c {_SAME_CALL}
LEFT JOIN named_twice n USING (call_id, revision, call_date, moment_id)
WHERE m.label IN ('cliche_question', 'homework_question', 'already_known')
    AND n.is_twice IS NULL"""

FLAGGED_CALLS_SQL = """\
SELECT
    call_id, revision, call_date, week, team, manager, rep, rep_id,
    account, opportunity_id, recording, coachable,
    count(*) OVER call AS flagged_count,
    count(*) FILTER (severity = 'high') OVER call AS high_count,
    label, severity, minute, quote, why, better_move, moment_id
FROM flagged_moments
WINDOW call AS (PARTITION BY call_date, call_id, revision, rep_id, rep)
QUALIFY row_number() OVER (
    PARTITION BY call_date, call_id, revision, rep_id, rep
    ORDER BY list_position(['high', 'medium', 'low'], severity) NULLS LAST, start_s, moment_id
) = 1"""

HYPOTHESES_SQL = f"""\
SELECT
{_CALL},
    h.chain_id, h.attempt, h.start_s, {_clock("h.start_s")} AS minute,
    h.hypothesis_text AS hypothesis, h.segment AS industry,
    h.confirmation_moment_id IS NOT NULL AS is_confirmed,
    h.rejection_moment_id IS NOT NULL AND h.confirmation_moment_id IS NULL AS is_rejected,
    h.reframe_moment_id IS NOT NULL AS is_reframed,
    h.is_complete, h.is_new, h.step_count, h.stop_reason, h.state, h.state_reason
FROM chains h
JOIN participants p {_SAME_VOICE}
JOIN calls c {_SAME_CALL}"""

CHAIN_STEPS_SQL = f"""\
WITH steps AS (
    SELECT call_id, revision, call_date, chain_id, attempt, speaker, stop_reason,
        step_number, step,
        CASE step_number WHEN 1 THEN hypothesis_moment_id WHEN 2 THEN confirmation_moment_id
            WHEN 3 THEN reframe_moment_id ELSE story_moment_id END AS moment_id,
        CASE step_number WHEN 2 THEN confirmation_lag_s WHEN 3 THEN reframe_lag_s
            WHEN 4 THEN story_lag_s END AS lag_s
    FROM chains
    CROSS JOIN (VALUES (1, 'hypothesis'), (2, 'confirmation'), (3, 'reframe'), (4, 'client_story'))
        AS four(step_number, step)
)
SELECT
{_CALL},
    h.chain_id, h.attempt, h.step_number, h.step, h.moment_id IS NOT NULL AS is_taken,
    m.start_s, {_clock("m.start_s")} AS minute, h.lag_s, m.quote, h.stop_reason
FROM steps h
JOIN participants p {_SAME_VOICE}
JOIN calls c {_SAME_CALL}
LEFT JOIN moments m USING (call_id, revision, call_date, moment_id)"""

CLAIMS_SAID_SQL = f"""\
SELECT
{_CALL},
    s.claim_said_id, s.turn, s.start_s, {_clock("s.start_s")} AS minute,
    s.verdict, s.quote, s.reason AS why, s.approved_wording, s.claim_id, s.similarity,
    s.registry_version, s.state, s.state_reason
FROM claims s
JOIN participants p {_SAME_VOICE}
JOIN calls c {_SAME_CALL}"""

REPLIES_SQL = f"""\
WITH floor AS (
    SELECT call_id, revision, call_date, turn, role, start_s, end_s, word_count,
        count(*) FILTER (role <> 'customer') OVER (
            PARTITION BY call_date, call_id, revision ORDER BY turn
        ) AS exchange
    FROM turns
    WHERE NOT is_backchannel
), answers AS (
    SELECT call_id, revision, call_date, exchange,
        sum(word_count)::INTEGER AS word_count, min(start_s) AS start_s
    FROM floor
    WHERE role = 'customer'
    GROUP BY ALL
), found AS (
    SELECT call_id, revision, call_date, turn, speaker, start_s, text AS question,
        NULL AS label, NULL AS reply_is_deflection
    FROM questions
    WHERE role = 'rep' AND spin_type <> 'other'
    UNION ALL
    SELECT call_id, revision, call_date, turn, speaker, start_s, quote,
        label, reply_is_deflection
    FROM moments
    WHERE role = 'rep' AND label IN ('cliche_question', 'homework_question')
), asked AS (
    SELECT call_id, revision, call_date, turn, speaker,
        coalesce(min(label), 'other') AS kind,
        min(start_s) AS start_s,
        min_by(question, (label IS NULL, start_s)) AS question,
        bool_or(reply_is_deflection) AS reply_is_deflection
    FROM found
    GROUP BY ALL
)
SELECT
{_CALL},
    q.turn, q.start_s, {_clock("q.start_s")} AS minute, q.kind, q.question,
    a.word_count AS reply_word_count,
    CASE WHEN a.start_s >= f.end_s AND NOT regexp_matches(c.engine_options, '"times": ?"estimated"')
        THEN round(a.start_s - f.end_s, 3) END AS reply_delay_s,
    q.reply_is_deflection
FROM asked q
JOIN participants p {_SAME_VOICE}
JOIN calls c {_SAME_CALL}
JOIN floor f USING (call_id, revision, call_date, turn)
LEFT JOIN answers a USING (call_id, revision, call_date, exchange)"""
