"""What a marketer reads of the recommenders that were compared."""

from personalization.admin.tried import tried_table

METRICS = {
    "champions": {"new": "ShopBlend()", "all": "Own()"},
    "steps": {
        "Popularity()": {"new": {"ndcg@20": 0.1}, "all": {"ndcg@20": 0.2}},
        "ShopBlend()": {"new": {"ndcg@20": 0.1734}, "all": {"ndcg@20": 0.4}},
        "Own()": {"new": {"ndcg@20": 0.01}, "all": {"ndcg@20": 0.45}},
    },
    "left_out": {"EASE()": "memory_budget_mb: <too> many"},
}


def test_each_step_has_its_figures_and_what_it_was_published_for():
    table = tried_table(METRICS)
    assert '<th scope="row">ShopBlend()</th><td>0.173</td><td>0.400</td><td>New items</td>' in table
    assert '<th scope="row">Own()</th><td>0.010</td><td>0.450</td><td>Any item</td>' in table
    assert '<th scope="row">Popularity()</th><td>0.100</td><td>0.200</td><td></td>' in table


def test_what_was_left_out_says_why_and_is_escaped():
    assert "&lt;too&gt; many" in tried_table(METRICS)


def test_one_goal_alone():
    steps = {"steps": {"A()": {"new": {"ndcg@20": 0.5}}}, "champions": {"new": "A()"}}
    assert "<td>0.500</td><td>-</td><td>New items</td>" in tried_table(steps)


def test_builds_of_a_single_recommender_compared_nothing():
    assert tried_table({"ndcg@10": 0.1}) == "-"
    assert tried_table({}) == "-"
