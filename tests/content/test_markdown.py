"""An answer's Markdown becomes the page's HTML, and never more than that."""

from parloir.content.markdown import links_of, plain, rendered


def test_headings_stand_below_the_pages_own():
    assert rendered("# A\n\n## B\n\n### C") == "<h2>A</h2>\n<h2>B</h2>\n<h3>C</h3>\n"


def test_raw_html_is_shown_not_obeyed():
    assert rendered("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    assert "<img" not in rendered('a <img src=x onerror="alert(1)">')


def test_a_link_that_runs_something_is_not_a_link():
    assert "href" not in rendered("[x](javascript:alert(1))")
    assert "href" not in rendered("[x](data:text/html,x)")


def test_a_quotation_is_a_warning_and_tables_have_headers():
    assert rendered("> Non !") == '<div class="p-warning">\n<p>Non !</p>\n</div>\n'
    table = rendered("| a | b |\n|---|---|\n| 1 | 2 |")
    assert '<table class="p-table">' in table
    assert '<th scope="col">a</th>' in table


def test_what_is_searched_is_the_words_alone():
    assert plain("## T\n\n- **un** [deux](/x/)\n- *trois*\nquatre") == "T\nun deux\ntrois quatre"


def test_links_are_listed():
    assert links_of("[a](/x/) et\n\n- [b](https://y.example/)") == ["/x/", "https://y.example/"]
