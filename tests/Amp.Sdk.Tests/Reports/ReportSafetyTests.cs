using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amp.Reports;
using Amp.Text;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Reports;

/// <summary>What does not come through: secrets in all forms, and Markdown that does more than show words.</summary>
public sealed class ReportSafetyTests : IDisposable
{
    private const string Key = "sgamp_user_0123456789abcdef";

    private readonly PrivateHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_prompt_that_no_line_repeats_has_no_secret()
    {
        foreach (string report in await ReportsAsync(new ReportedLines($"use {Key}").Says("hello").Ends("hello")))
        {
            Assert.Contains("hello", report, StringComparison.Ordinal);
            Assert.DoesNotContain("0123456789abcdef", report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_a_live_run_knows_of_its_secrets_counts_for_all_of_its_messages_and_for_its_summary()
    {
        const string Secret = "correct-horse-battery";
        using FakeRun fake = new(new FakeCliScript().Init().Assistant($"I use {Secret}.")
            .Out($$$"""{"type":"assistant","message":{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"Bash","input":{"cmd":"login {{{Secret}}}"}}]}}""")
            .Out($$$"""{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","is_error":true,"content":"Tool execution rejected by user: {{{Secret}}}"}]}}""")
            .Assistant("well").Result("well"));
        fake.Set(("DEPLOY_TOKEN", Secret));
        List<StreamMessage> messages = [];
        await foreach (StreamMessage message in fake.ExecuteAsync())
        {
            messages.Add(message);
        }

        Assert.NotEmpty(Assert.IsAssignableFrom<ResultMessage>(messages[^1]).Denials);
        foreach (ReportFormat format in Enum.GetValues<ReportFormat>())
        {
            foreach (string? title in (string?[])[null, $"with {Secret}"])
            {
                using ReportWriter report = new(new ReportOptions { Format = format, Title = title });
                messages.ForEach(message => report.Add(message, new Amp.Records.UsageOrigin { Prompt = $"deploy with {Secret}" }));
                string text = Text(report);
                Assert.Contains("well", text, StringComparison.Ordinal);
                Assert.Contains("Denied calls", text, StringComparison.Ordinal);
                Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
                Assert.DoesNotContain(Secret, text.Replace("\\", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Messages_that_were_stored_have_no_secret_that_this_process_knows()
    {
        const string OfRun = "correct-horse-stapler";
        const string OfVariable = "another-staple-battery";
        const string OfKey = "key-in-a-secure-string";
        using FakeRun fake = new(new FakeCliScript().Init().Assistant($"I use {OfRun}, {OfVariable} and {OfKey}.").Result("well"));
        fake.Set(("DEPLOY_TOKEN", OfRun));
        List<StreamMessage> stored = [];
        await foreach (StreamMessage message in fake.ExecuteAsync())
        {
            // As Clixml, a job or a database gives them back: without their run.
            stored.Add(MessageReader.Parse(message.RawJson));
        }

        using System.Security.SecureString key = new();
        OfKey.ToList().ForEach(key.AppendChar);
        CliOptions options = new() { ApiKey = key, Environment = new Dictionary<string, string?> { ["SOME_PASSWORD"] = OfVariable, ["PATH"] = null } };
        foreach (ReportFormat format in Enum.GetValues<ReportFormat>())
        {
            using ReportWriter report = new(new ReportOptions { Format = format }, options);
            stored.ForEach(report.Add);
            string text = Text(report);
            Assert.Contains("I use ***, *** and ***.", text.Replace("\\", string.Empty, StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("stapler", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Too_many_secrets_of_runs_are_forgotten_from_the_oldest_on()
    {
        KnownSecrets known = new();
        known.Note(new Dictionary<string, string> { ["FIRST_TOKEN"] = "first-value-of-many", ["OTHER"] = "no-secret-at-all" }, []);
        Assert.Contains("first-value-of-many", known.Values);
        Assert.DoesNotContain("no-secret-at-all", known.Values);
        known.Note(new Dictionary<string, string>(), Enumerable.Range(0, 1000).Select(i => $"value-{i:0000}-of-many"));
        Assert.DoesNotContain("first-value-of-many", known.Values);
        Assert.Contains("value-0999-of-many", known.Values);
        Assert.InRange(known.Values.Count, 1, 999);
    }

    [Theory]
    [InlineData("sgamp\\_user\\_0123456789abcdef")]
    [InlineData("\\s\\g\\amp\\_user\\_0123456789abcdef")]
    [InlineData("sgamp&#95;user&#95;0123456789abcdef")]
    [InlineData("sgamp&lowbar;user_0123456789abcdef")]
    [InlineData("s**gamp**_user_0123456789abcdef")]
    [InlineData("sgamp_**user_0123456789abcdef**")]
    [InlineData("sgam&rlm;p_user_0123456789abcdef")]
    [InlineData("[x](https://example.com/?k=sgamp%5Fuser%5F0123456789abcdef)")]
    public async Task Secrets_are_found_in_what_Markdown_becomes(string text)
    {
        foreach (string report in await ReportsAsync(new ReportedLines("go").Says($"The key is {text}, **use** it.").Thinks(text).Ends("end")))
        {
            Assert.DoesNotContain("0123456789abcdef", report, StringComparison.Ordinal);
            Assert.Contains("***", report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_secret_at_the_place_of_a_cut_leaves_no_part()
    {
        ReportedLines lines = new("go");
        foreach (int limit in (int[])[2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10, 256 << 10])
        {
            // The end of the key is behind the cut before the last quarter, or its start in front of that after three quarters.
            foreach (string text in (string[])
            [
                $"{new string('x', limit)} {Key}-END-OF-KEY {new string('y', (limit / 4) - 8)}",
                $"{new string('x', (limit / 4 * 3) - 8)} {Key} {new string('y', limit)}",
            ])
            {
                string id = $"c{limit}{text.Length}";
                lines.Asks(text).Says(text).Thinks(text).Calls(id, "shell_command", new JsonObject { ["command"] = text }).Gets(id, text).Warns(text);
            }
        }

        foreach (int limit in (int[])[80, 140, 160, 200, 320, 560, 640, 800])
        {
            string text = new string(' ', limit - 9) + Key;
            lines.Calls($"s{limit}", text, new JsonObject { [text] = text }).Gets($"s{limit}", text);
        }

        foreach (string report in await ReportsAsync(lines.Ends("end")))
        {
            Assert.DoesNotMatch("OF-KEY|sgamp_|sgamp\\\\_", report);
        }
    }

    [Theory]
    [InlineData("sgam\u200ep_user_0123456789abcdef")]
    [InlineData("sgam\u202ep_user_0123456789abcdef")]
    [InlineData("sgam\u2066p_user_0123456789abcdef")]
    [InlineData("sgam\u061cp_user_0123456789abcdef")]
    [InlineData("sgam\u0085p_user_0123456789abcdef")]
    [InlineData("sgam\u007fp_user_0123456789abcdef")]
    [InlineData("sgam\u00adp_user_0123456789abcdef")]
    [InlineData("sgam\u2060p_user_0123456789abcdef")]
    [InlineData("sgamp_\u200euser_0123456789abcdef")]
    [InlineData("sgamp_\u009b31muser_0123456789abcdef")]
    [InlineData("sgam\ufe0fp_user_0123456789abcdef")]
    [InlineData("\u009bsgamp_user_0123456789abcdef")]
    public async Task A_secret_with_invisible_characters_is_one(string text)
    {
        // As they are in UTF-8, not escaped.
        ReportedLines lines = new ReportedLines("go").Says("KEY").Thinks("KEY").Calls("c1", "shell_command", new JsonObject { ["command"] = "KEY" }).Gets("c1", "KEY").Says("done").Ends("done");
        string path = Path.Combine(_home.Root, "run.ndjson");
        File.WriteAllLines(path, lines.Lines.Select(line => line.Replace("KEY", text, StringComparison.Ordinal)));
        foreach (string report in await ReportsAsync(path))
        {
            Assert.DoesNotContain("0123456789abcdef", report, StringComparison.Ordinal);
            Assert.Contains("done", report, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("<div>\n![x](https://evil.example/x.png) @ada [c](javascript:alert(1))\n</div>", "&lt;div>\n\\![x](https://evil.example/x.png) @<!-- -->ada \\[c](javascript:alert(1))\n&lt;/div>")]
    [InlineData("<!-- x\n\n![x](https://evil.example/x.png)", "&lt;!-- x\n\n\\![x](https://evil.example/x.png)")]
    [InlineData("<a b title=\"![x](https://evil.example/x.png)\">", "&lt;a b title=\"\\![x](https://evil.example/x.png)\">")]
    [InlineData("[a](javascript:x \"<img src=https://evil.example/i.png>\")", "\\[a](javascript:x \"&lt;img src=https://evil.example/i.png>\")")]
    [InlineData("<div>\n```\nend", "&lt;div>\n```\nend\n```")]
    [InlineData("<!-- -->\n![x](https://evil.example/x.png)", "&lt;!-- -->\n\\![x](https://evil.example/x.png)")]
    [InlineData("[logo]: https://evil.example/x.png\n> [click]: javascript:alert(1)\n", "\\[logo]: https://evil.example/x.png\n> \\[click]: javascript:alert(1)\n")]
    [InlineData("[a] [b][a] [c\\[][A] ![a]\n\n[a]: <https://example.com/?a=1&b=2> 'title'", "[a](<https://example.com/?a=1&amp;b=2>) [b](<https://example.com/?a=1&amp;b=2>) [c\\[](<https://example.com/?a=1&amp;b=2>) \\![a](<https://example.com/?a=1&amp;b=2>)\n\n\\[a]: <https://example.com/?a=1&b=2> 'title'")]
    [InlineData("&#64;ada &commat;bob cc.@eve /@eve @&#97;da __a__@ada a.b@example.com", "@<!-- -->ada @<!-- -->bob cc.@<!-- -->eve /@<!-- -->eve @<!-- -->&#97;da __a__@<!-- -->ada a.b@example.com")]
    [InlineData("Fixes #12, o/r#3, &#35;4, &num;5, \\#6, GH-7, #x", "Fixes #<!-- -->12, o/r#<!-- -->3, #<!-- -->4, #<!-- -->5, \\#<!-- -->6, GH-<!-- -->7, #x")]
    [InlineData("https://example.com/@ada www.example.com/@ada <https://example.com/@ada> `@ada`", "<https://example.com/@ada> www.example.com/@<!-- -->ada <https://example.com/@ada> `@ada`")]
    [InlineData("One\ntwo\n===\n\n> a [b](https://example.com)\n> ---\n\n# three", "### One\ntwo\n\n\n> #### a [b](https://example.com)\n> \n\n### three")]
    [InlineData("plain *text*, `<b>`, [link](https://example.com) and\n\n- [x] a list", "plain *text*, `<b>`, [link](https://example.com) and\n\n- [x] a list")]
    public void Markdown_becomes_words(string text, string expected)
    {
        string? safe = new ReportMarkdown().ToSafeMarkdown(text);
        Assert.Equal(expected, safe);
        Assert.DoesNotMatch("class=\"dead\"|\\[image\\]", new ReportMarkdown().ToHtml(safe!)!);
    }

    [Fact]
    public async Task A_text_defines_no_links_of_another_one_or_of_a_title()
    {
        string report = (await ReportsAsync(new ReportedLines("cc @ada, fixes #12").Says("![logo] [click]").Calls("c1", "Read @ada #12", new JsonObject { ["path"] = "GH-12 #12" }).Gets("c1", "x")
            .Says("[logo]: https://evil.example/x.png\n[click]: javascript:alert(1)").Says("a\n\n  [click]: javascript:alert(2)").Ends("end")))[1];
        string html = new ReportMarkdown().ToHtml(report)!;
        Assert.Contains("![logo] [click]", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("class=\"dead\"|\\[image\\]|evil.example\"", html);
        Assert.DoesNotMatch("@ada|#12|GH-12", Regex.Replace(report, "(?ms)^```.*?^```", string.Empty));
    }

    [Fact]
    public void After_texts_that_take_very_long_the_others_are_shown_as_text()
    {
        ReportMarkdown markdown = new(TimeSpan.Zero);
        Assert.NotNull(markdown.ToHtml("some *text*"));
        markdown.ToHtml(string.Concat(Enumerable.Repeat("[a](", 10_000)));
        Assert.Null(markdown.ToHtml("some *text*"));
        Assert.Null(markdown.ToSafeMarkdown("some *text*"));
    }

    [Fact]
    public async Task A_file_stays_private_and_a_transcript_is_not_replaced()
    {
        string transcript = new ReportedLines("go").Says("one").Ends("one").WriteTo(Path.Combine(_home.Root, "run.ndjson"));
        string before = File.ReadAllText(transcript);
        string link = Path.Combine(_home.Root, "link.html");
        using ReportWriter report = new();
        await report.AddTranscriptAsync(transcript, TestContext.Current.CancellationToken);
        Assert.Contains(transcript, Assert.Throws<AmpValidationException>(() => report.WriteTo(transcript)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(transcript));
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.CreateSymbolicLink(link, transcript);
        Assert.Throws<AmpValidationException>(() => report.WriteTo(link));
        string page = Path.Combine(_home.Root, "page.html");
        report.WriteTo(page);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(page));
        UnixFileMode shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(page, shared);
        report.WriteTo(page);
        Assert.Equal(shared, File.GetUnixFileMode(page));
    }

    private Task<string[]> ReportsAsync(ReportedLines lines) => ReportsAsync(lines.WriteTo(Path.Combine(_home.Root, $"{Guid.NewGuid():N}.ndjson")));

    // In all formats, in their order.
    private static async Task<string[]> ReportsAsync(string path)
    {
        List<string> reports = [];
        foreach (ReportFormat format in Enum.GetValues<ReportFormat>())
        {
            using ReportWriter report = new(new ReportOptions { Format = format });
            Assert.Empty(await report.AddTranscriptAsync(path, TestContext.Current.CancellationToken));
            reports.Add(Text(report));
        }

        return [.. reports];
    }

    private static string Text(ReportWriter report)
    {
        using MemoryStream content = new();
        report.WriteTo(content);
        return Encoding.UTF8.GetString(content.ToArray());
    }
}
