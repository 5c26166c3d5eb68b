using System.Globalization;
using System.Text;
using Amp.Clients.Threads;

namespace Amp.Sdk.Tests.Threads;

public sealed class TableTests
{
    private const string Id = "T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3";

    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 6, 9, 0, TimeSpan.Zero);

    // As 0.0.1767830505-ga62310, 0.0.1769425000-g1e5104 and 0.0.1774310664-gcb98ac print it.
    private const string List = """
        Title                                         Last Updated  Visibility  Messages  Thread ID
        ────────────────────────────────────────────  ────────────  ──────────  ────────  ──────────────────────────────────────
        a  double  space 日本語 😀 │ ─── │ T-01a1fca...  now           Private            1  T-01a1fcb9-4adf-70ea-897a-1d2b8b8990b8
        Untitled                                      15s ago       Unlisted           0  T-01a1fcb9-3c4d-765b-86f6-983973662d80
        T-01a1fcb9-3c4d-765b-86f6-983973662d80        3mo ago       2 Groups         120  T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3

        """;

    private const string Found = """
        Title                                                     Last Updated  Messages  Thread ID
        ────────────────────────────────────────────────────────  ────────────  ────────  ──────────────────────────────────────
        -x new                                                    2h ago               1  T-01a1fcb9-4adf-70ea-897a-1d2b8b8990b8

        More results available. Use --limit to see more.

        """;

    // As 0.0.1790142911-g7618fb prints it: addresses, and numbers to the left.
    private const string Urls = """
        Title                 Last Updated  Visibility  Messages  Thread URL
        ────────────────────  ────────────  ──────────  ────────  ────────────────────────────────────────────────────────────────────
        Tidy up               3w ago        Workspace   12        https://ampcode.com/threads/T-01a1fcb9-4adf-70ea-897a-1d2b8b8990b8

        """;

    [Fact]
    public void A_list_with_visibility_is_read()
    {
        ThreadRows rows = Read(List);

        Assert.False(rows.HasMore);
        Assert.Equal(3, rows.Threads.Count);
        Assert.Equal(
            new AmpThread
            {
                Id = "T-01a1fcb9-4adf-70ea-897a-1d2b8b8990b8",
                Title = "a  double  space 日本語 😀 │ ─── │ T-01a1fca...",
                IsTitleShortened = true,
                Updated = s_now,
                IsUpdatedEstimated = true,
                MessageCount = 1,
                Visibility = "private",
            },
            rows.Threads[0]);
        Assert.Null(rows.Threads[1].Title);
        Assert.Equal((s_now.AddSeconds(-15), "unlisted", 0), (rows.Threads[1].Updated, rows.Threads[1].Visibility, rows.Threads[1].MessageCount));
        Assert.Equal(("T-01a1fcb9-3c4d-765b-86f6-983973662d80", false), (rows.Threads[2].Title, rows.Threads[2].IsTitleShortened));
        Assert.Equal((Id, "group", 120), (rows.Threads[2].Id, rows.Threads[2].Visibility, rows.Threads[2].MessageCount));
    }

    [Fact]
    public void A_list_without_visibility_that_goes_on_is_read()
    {
        ThreadRows rows = Read(Found);

        Assert.True(rows.HasMore);
        AmpThread thread = Assert.Single(rows.Threads);
        Assert.Equal(("-x new", s_now.AddHours(-2), null), (thread.Title, thread.Updated, thread.Visibility));
    }

    [Fact]
    public void A_list_with_addresses_is_read()
    {
        AmpThread thread = Assert.Single(Read(Urls).Threads);

        Assert.Equal(("Tidy up", "workspace", 12), (thread.Title, thread.Visibility, thread.MessageCount));
        Assert.Equal("T-01a1fcb9-4adf-70ea-897a-1d2b8b8990b8", thread.Id);
    }

    [Theory]
    [InlineData("No threads found.\n")]
    [InlineData("No threads found matching your query.\n")]
    public void An_empty_list_has_no_threads(string text) => Assert.Empty(Read(text).Threads);

    [Theory]
    [InlineData("two  blanks   and three")]
    [InlineData("a line end\nin it")]
    [InlineData("now  Private  1")]
    [InlineData("────────  ──────")]
    [InlineData("a\tb")]
    [InlineData("日本語のタイトル")]
    [InlineData("e\u0301 and 👩‍👩‍👧")]
    [InlineData("No threads found.")]
    [InlineData("More results available.")]
    [InlineData("T-01a1fcb9-3c4d-765b-86f6-983973662d80")]
    public void A_title_may_be_anything(string title)
    {
        ThreadRows rows = Read(Header() + Row("before") + Row(title) + Row("behind"));

        Assert.Equal(["before", title, "behind"], rows.Threads.Select(thread => thread.Title));
        Assert.All(rows.Threads, thread => Assert.Equal((Id, "private", 7), (thread.Id, thread.Visibility, thread.MessageCount)));
    }

    [Fact]
    public void A_title_that_is_padded_by_the_cells_of_a_terminal_is_read()
    {
        // 8 characters that take 16 cells.
        string row = Row("x").Replace("x" + new string(' ', 43), "日本語のタイトル" + new string(' ', 28), StringComparison.Ordinal);

        Assert.Equal("日本語のタイトル", Assert.Single(Read(Header() + row).Threads).Title);
    }

    [Fact]
    public void Hundreds_of_rows_are_read_in_order()
    {
        StringBuilder text = new(Header());
        for (int i = 0; i < 700; i++)
        {
            text.Append(Row("thread " + i));
        }

        Assert.Equal(Enumerable.Range(0, 700).Select(i => "thread " + i), Read(text.ToString()).Threads.Select(thread => thread.Title));
    }

    /// <summary>The rest of the text was copied for each row, which takes the square of its length.</summary>
    [Fact]
    public void A_list_may_have_any_number_of_rows() =>
        Assert.Equal(200_000, Read(Header() + string.Concat(Enumerable.Repeat(Row("x"), 200_000))).Threads.Count);

    [Theory]
    [InlineData("Update available!\n")]
    [InlineData("title                                         soon          Private            7  T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3\n")]
    [InlineData("title                                         2h ago        Secret             7  T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3\n")]
    [InlineData("title                                         2h ago        Private         many  T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3\n")]
    [InlineData("title                                         2h ago        Private            7  T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66\n")]
    [InlineData("title                                         999999999y ago  Private          7  T-01a1fcb9-2d12-7646-9b6b-4bcb86cf66f3\n")]
    public void A_line_that_does_not_fit_is_an_error_that_shows_it(string line)
    {
        FormatException exception = Assert.Throws<FormatException>(() => Read(Header() + Row("good") + line + Row("good too")));

        Assert.Contains(line.TrimEnd(), exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Welcome to Amp\n")]
    [InlineData("Name  Thread ID\n────  ─────────\n")]
    [InlineData("Title  Owner  Thread ID\n─────  ─────  ─────────\n")]
    [InlineData("No threads found.\nBut there is this.\n")]
    public void What_is_no_such_table_is_an_error(string text) => Assert.Throws<FormatException>(() => Read(text));

    [Theory]
    [InlineData("now", 0)]
    [InlineData("59s ago", 59)]
    [InlineData("2m ago", 120)]
    [InlineData("23h ago", 23 * 3600)]
    [InlineData("6d ago", 6 * 86400)]
    [InlineData("3w ago", 21 * 86400)]
    [InlineData("0mo ago", 28 * 86400)]
    [InlineData("2mo ago", 60 * 86400)]
    [InlineData("0y ago", 360 * 86400)]
    [InlineData("2y ago", 730 * 86400)]
    public void An_age_is_the_latest_moment_it_can_mean(string text, int seconds) =>
        Assert.Equal(s_now.AddSeconds(-seconds), RelativeTime.Read(text, s_now));

    [Theory]
    [InlineData("")]
    [InlineData("2h")]
    [InlineData("-2h ago")]
    [InlineData("in 2h")]
    [InlineData("2000000000y ago")]
    [InlineData("yesterday")]
    public void What_is_no_age_is_none(string text) => Assert.Null(RelativeTime.Read(text, s_now));

    private static string Header() => string.Join('\n', List.Split('\n').Take(2)) + "\n";

    private static string Row(string title) =>
        string.Create(CultureInfo.InvariantCulture, $"{title,-44}  {"2h ago",-12}  {"Private",-10}  {7,8}  {Id}\n");

    private static ThreadRows Read(string text) =>
        ThreadTable.Read(text, s_now, (what, line) => new FormatException($"It {what}: {line}"));
}
