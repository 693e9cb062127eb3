-- list
-- Suggestions: score, id, weight, evidence, state, and the two profiles they belong to now. Conditions and order follow.
select s.score, s.id, s.weight, s.evidence, s.state, s.a, s.b, x.profile_id, p.key, y.profile_id, q.key
from profiles_suggestion s
left join profiles_identifier x on x.workspace_id = s.workspace_id and x.key = s.a
left join profiles_identifier p on p.workspace_id = s.workspace_id and p.id = x.profile_id
left join profiles_identifier y on y.workspace_id = s.workspace_id and y.key = s.b
left join profiles_identifier q on q.workspace_id = s.workspace_id and q.id = y.profile_id
