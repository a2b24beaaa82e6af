"""Makes the demo shop's past, with a known truth: what shoppers like is planted, and told in ``truth.json``.

Everything is drawn from one `numpy.random.Generator`: one seed and one ``--today`` give the same bytes each time. Nothing is
copied from a real shop; the words are in ``shop_demo/data`` and the rules here.

1. ``assortment`` (and ``wording``): 600 articles, ten of each of 60 kinds (``kinds.csv``) by 16 brands (``brands.csv``), with
   attributes and a text in English and Simplified Chinese. Nothing here is drawn by chance.
2. ``people``: 1,500 shoppers and the three one may sign in as. Each has a taste (a Dirichlet mix over eight themes), a price
   level, and a brand that is trusted more or less.
3. ``market``: fame, trend, season, launch, price changes and companions of every article. The log weight of article *i* for
   shopper *s* on day *d* is ``liking[s, i] + pull[d, i]``.
4. ``baskets``: orders. What is wanted is drawn by these weights (Gumbel top-k, all orders at once); companions follow in the
   same order or within five weeks; consumables return once a period of the person's own.
5. ``browsing`` and ``reviews``: views, rivals that were compared, carts that were forgotten, bots, stars with a few words.
6. ``truth``: what was planted, and the orders of the four weeks after today. These are in no table: nobody has learned them.
7. ``shop`` writes the shop's own tables; ``offers`` adds a promotion, a code and a banner.

More: ``docs/explanation/demo-data.md``.
"""
