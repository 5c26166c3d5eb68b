using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Amp.Checkpoints;
using Amp.Messages;
using Amp.Records;
using Amp.Reports;
using Amp.Sdk.Tests.Records;
using Amp.Testing;

namespace Amp.Sdk.Tests.Reports;

/// <summary>What a report contains.</summary>
public sealed class ReportWriterTests : IDisposable
{
    private static readonly ReportOptions s_markdown = new() { Format = ReportFormat.Markdown };

    private readonly PrivateHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task A_page_has_the_summary_and_the_conversation()
    {
        string page = await ReportAsync(new ReportedLines("fix it").Asks("fix it").Thinks("hm, *hm*").Says("I **look**.").Calls("c1", "shell_command", new JsonObject { ["command"] = "make <all>" })
            .Gets("c1", """{"output":"no rule\n","exitCode":2}""").Warns("a warning").Says("Done.").Ends("Done."));

        Assert.Contains("<meta http-equiv=\"x-dns-prefetch-control\" content=\"off\">", page, StringComparison.Ordinal);
        Assert.Contains("<title>fix it</title>", page, StringComparison.Ordinal);
        Assert.Contains(">Succeeded</span>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Tokens</dt><dd dir=\"auto\">480 (400 in, 80 out, 0 read from cache, 0 written to cache)</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Cost</dt><dd dir=\"auto\">$0.25</dd>", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Computer</dt><dd dir=\"auto\">build-7</dd>", page, StringComparison.Ordinal);
        Assert.Contains("I <strong>look</strong>.", page, StringComparison.Ordinal);
        Assert.Contains("<code class=\"subject\">make &lt;all&gt;</code> <span class=\"state\">exit code 2</span>", page, StringComparison.Ordinal);
        Assert.Contains(">no rule</pre>", page, StringComparison.Ordinal);
        Assert.Contains("a warning", page, StringComparison.Ordinal);
        Assert.Contains("<rect class=\"Shell bad\"", page, StringComparison.Ordinal);

        // The prompt that the CLI repeats, and the answer that the result repeats, are there once.
        Assert.Single(Regex.Matches(page, "<article class=\"m user\""));
        Assert.Single(Regex.Matches(page, "<p>Done.</p>"));
    }

    [Fact]
    public async Task A_focused_report_has_the_texts_alone()
    {
        ReportedLines lines = new ReportedLines("fix it").Thinks("thought").Says("I look.").Calls("c1", "Read", new JsonObject { ["path"] = "a.txt" }).Says("From inside", parent: "c1").Gets("c1", "content of a").Warns("careful").Says("Done.").Ends("Done.");
        foreach (ReportFormat format in Enum.GetValues<ReportFormat>())
        {
            string report = await ReportAsync(lines, new ReportOptions { Format = format, Detail = ReportDetail.Focused });
            string conversation = report[report.IndexOf(format == ReportFormat.Html ? "class=\"talk\"" : "### Conversation", StringComparison.Ordinal)..];
            Assert.Matches("(?s)fix it.*I look.*Done", conversation);
            Assert.DoesNotMatch("thought|content of a|From inside|careful|href=\"#r1c", report.Split("<script>")[0]);
        }
    }

    [Fact]
    public async Task Subagents_are_inside_their_call_and_the_deepest_side_by_side()
    {
        ReportedLines lines = new ReportedLines("go").Calls("t0", "Task", new JsonObject { ["prompt"] = "x" });
        for (int i = 1; i < 60; i++)
        {
            lines.Says($"level {i}.", parent: $"t{i - 1}").Calls($"t{i}", "Task", new JsonObject { ["prompt"] = "x" }, parent: $"t{i - 1}");
        }

        lines.Gets("t0", "all done").Ends("end");
        string page = await ReportAsync(lines);
        string[] tags = [.. Regex.Matches(page.Split("class=\"talk\"")[1], "<details|</details>").Select(match => match.Value)];
        int depth = 0;
        int deepest = tags.Max(tag => depth += tag == "<details" ? 1 : -1);
        Assert.Equal(0, depth);
        Assert.InRange(deepest, 5, 20);
        Assert.Equal(59, Regex.Count(page, "<p>level \\d+.</p>"));
        Assert.Matches("(?s)id=\"r1c1\">.*level 1\\..*id=\"r1c2\">.*all done", page);
        Assert.Contains("<span class=\"state\">no result</span>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_of_files_are_coloured()
    {
        string page = await ReportAsync(new ReportedLines("go")
            .Calls("c1", "edit_file", new JsonObject { ["path"] = "/p/a.cs", ["old_str"] = "one\ntwo", ["new_str"] = "three" }).Gets("c1", "diff --git a/a.cs b/a.cs\n@@ -1,2 +1 @@\n-one\n+three")
            .Says("```diff\n-old <b>\n+new\n```").Ends("end"));
        Assert.Contains("<span class=\"del\">-one</span>\n<span class=\"del\">-two</span>\n<span class=\"add\">+three</span>", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"hunk\">@@ -1,2 +1 @@</span>\n<span class=\"del\">-one</span>", page, StringComparison.Ordinal);
        Assert.Contains("<span class=\"del\">-old &lt;b&gt;</span>", page, StringComparison.Ordinal);
        Assert.Contains("<li><code>/p/a.cs</code></li>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_alternate_in_a_file_are_sections_of_their_own()
    {
        ReportedLines one = new ReportedLines("first | prompt", "aaaaaaaaaaaaaaaa").Says("from one").Ends("from one");
        ReportedLines two = new ReportedLines("second", "bbbbbbbbbbbbbbbb").Says("from two").Says("and more");
        string path = Path.Combine(_home.Root, "both.ndjson");
        File.WriteAllLines(path, one.Lines.Zip(two.Lines).SelectMany(pair => (string[])[pair.First, pair.Second]));
        using ReportWriter report = new();
        Assert.Empty(await report.AddTranscriptAsync(path, TestContext.Current.CancellationToken));
        Assert.Equal(2, report.RunCount);
        string page = Text(report);
        Assert.Contains("<title>2 runs of the Amp agent</title>", page, StringComparison.Ordinal);
        Assert.Matches("(?s)<a href=\"#r1\" dir=\"auto\">first \\| prompt</a>.*<a href=\"#r2\" dir=\"auto\">second</a>.*id=\"r1\".*from one.*id=\"r2\".*from two.*and more", page);
        Assert.Contains("The transcript stops before the end of the run.", page, StringComparison.Ordinal);

        using ReportWriter markdown = new(s_markdown);
        await markdown.AddTranscriptAsync(path, TestContext.Current.CancellationToken);
        Assert.Matches("(?s)\\| 1\\. first \\\\\\| prompt \\| ✅ Succeeded .*\\| 2\\. second \\| ⚠️ Failed", Text(markdown));
    }

    [Fact]
    public async Task A_denied_call_does_not_look_as_if_it_ran_also_without_a_result()
    {
        string[] native = File.ReadAllLines(Path.Combine(RepositoryLayout.Transcripts, "2026-09-23", "rejected.jsonl"));
        foreach (int missing in (int[])[0, 1])
        {
            string path = Path.Combine(_home.Root, $"rejected-{missing}.jsonl");
            File.WriteAllLines(path, native[..^missing]);
            foreach (ReportFormat format in Enum.GetValues<ReportFormat>())
            {
                using ReportWriter report = new(new ReportOptions { Format = format });
                Assert.Empty(await report.AddTranscriptAsync(path, TestContext.Current.CancellationToken));
                string text = Text(report);
                Assert.Contains("1 of them failed", text, StringComparison.Ordinal);
                Assert.Matches(format == ReportFormat.Html ? "(?s)Denied calls \\(1\\).*<td>ls</td>.*class=\"state\">denied<" : "(?s)Denied calls.*\\| ls \\|.*denied", text);
            }
        }

        using ReportWriter thread = new();
        thread.AddThread("""
            {"id":"T-1","messages":[
              {"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"Bash","input":{"cmd":"rm x"}}]},
              {"role":"user","content":[{"type":"tool_result","toolUseID":"c1","run":{"status":"rejected-by-user","reason":"not today"}}]}]}
            """);
        Assert.Matches("(?s)Denied calls \\(1\\).*<td>rm x</td>.*not today.*class=\"state\">denied<", Text(thread));
    }

    [Fact]
    public async Task A_run_that_was_killed_has_its_files_denials_and_open_calls()
    {
        ReportedLines lines = new ReportedLines("go").Calls("f", "edit_file", new JsonObject { ["path"] = "/p/a.cs", ["old_str"] = "a", ["new_str"] = "b" }).Gets("f", "ok");
        for (int i = 0; i < 1001; i++)
        {
            lines.Calls($"c{i}", "Bash", new JsonObject { ["cmd"] = "make" }).Gets($"c{i}", "Tool execution rejected by user", isError: true);
        }

        string page = await ReportAsync(lines.Calls("open", "Bash", new JsonObject { ["cmd"] = "sleep 9" }));
        Assert.Contains("1,003, 1,001 of them failed", page, StringComparison.Ordinal);
        Assert.Contains("<li><code>/p/a.cs</code></li>", page, StringComparison.Ordinal);
        Assert.Contains("Denied calls (1,001)", page, StringComparison.Ordinal);
        Assert.Equal(1001, Regex.Count(page, "<span class=\"state\">denied</span>"));
        Assert.Single(Regex.Matches(page, "<span class=\"state\">no result</span>"));
    }

    [Fact]
    public async Task Messages_and_results_of_a_run_are_a_report_too()
    {
        string path = new ReportedLines("go").Says("answer").Ends("answer").WriteTo(Path.Combine(_home.Root, "run.ndjson"));
        List<StreamMessage> messages = (await Recorded.ReadAsync(path)).Messages();
        using ReportWriter all = new(new ReportOptions { Title = "Mine <b>" });
        messages.ForEach(all.Add);
        Assert.Contains("<title>Mine &lt;b&gt;</title>", Text(all), StringComparison.Ordinal);
        Assert.Equal(1, all.RunCount);

        using ReportWriter result = new();
        result.Add(messages[^1]);
        Assert.Contains("<p>answer</p>", Text(result), StringComparison.Ordinal);

        using ReportWriter failed = new();
        failed.Add(ErrorResultMessage.FromFailure(new AmpException("It took <too> long.", AmpErrorId.Timeout)));
        Assert.Matches("(?s)badge bad\">TimedOut.*It took &lt;too&gt; long", Text(failed));
    }

    [Fact]
    public void A_thread_is_a_report_too()
    {
        using ReportWriter report = new();
        report.AddThread("""{"id":"T-1","title":"A thread","messages":[{"role":"user","content":[{"type":"text","text":"make it"}]},{"role":"assistant","content":[{"type":"text","text":"Made."}]}]}""");
        Assert.Matches("(?s)<title>A thread</title>.*make it.*<p>Made.</p>", Text(report));
        Assert.Equal(AmpErrorId.InvalidOption, Assert.Throws<AmpValidationException>(() => report.AddThread("[]")).ErrorId);
    }

    [Fact]
    public async Task Secrets_are_not_in_it_wherever_they_were()
    {
        const string Key = "sgamp_user_0123456789abcdef";
        ReportedLines lines = new ReportedLines($"use {Key}").Thinks(Key).Says($"The key is `{Key}` and s\u200egamp_user_0123456789abcdef.").Calls("c1", "shell_command", new JsonObject { ["command"] = $"export AMP_API_KEY={Key}" })
            .Gets("c1", $"Authorization: Bearer {Key}").Calls("c2", "edit_file", new JsonObject { ["path"] = Key, ["old_str"] = Key, ["new_str"] = "x" }).Warns(Key).Ends(Key);
        foreach (ReportFormat format in Enum.GetValues<ReportFormat>())
        {
            string report = await ReportAsync(lines, new ReportOptions { Format = format });
            Assert.DoesNotContain("0123456789abcdef", report, StringComparison.Ordinal);
            Assert.Contains("***", report.Replace("\\*", "*", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[a](javascript:alert(1))")]
    [InlineData("[a](JaVaScRiPt:alert(1))")]
    [InlineData("[a](data:text/html,x)")]
    [InlineData("[a](vbscript:x)")]
    [InlineData("[a](file:///etc/passwd)")]
    [InlineData("[a](//evil.example)")]
    [InlineData("[a](&#106;avascript:alert(1))")]
    [InlineData("[a]\n\n[a]: javascript:alert(1)")]
    [InlineData("<javascript:alert(1)>")]
    [InlineData("![a](https://evil.example/x.png)")]
    [InlineData("![a](javascript:x)")]
    [InlineData("[![a](https://evil.example/x.png)](javascript:x)")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("</div></article></main><h1>gone</h1>")]
    [InlineData("| a |\n|:-:|\n| <b onclick=x>b</b> |")]
    [InlineData("# h {#id onclick=alert(1)}")]
    [InlineData("```x\" onload=\"y\n</code><script>\n```")]
    [InlineData("&lt;script&gt;&#x202e;&rlm;")]
    [InlineData("<!-- a comment that does not end")]
    public async Task What_a_model_writes_does_nothing(string text)
    {
        string page = await ReportAsync(new ReportedLines(text).Says(text).Thinks(text).Calls("c\"<", text, new JsonObject { [text] = text }).Gets("c\"<", text).Warns(text).Says("the end").Ends(text), new ReportOptions { Title = text });
        string body = page[page.IndexOf("<body>", StringComparison.Ordinal)..];
        Assert.Single(Regex.Matches(body, "<script"));
        Assert.DoesNotMatch("<(?:img|iframe|object|embed|form|meta|link|base|style|b on)", body);
        Assert.DoesNotMatch("<[a-z0-9]+(?: [a-z-]+(?:=\"[^\"]*\")?)* (?:on[a-z]+|style|src)=", body);
        Assert.All(Regex.Matches(body, "href=\"([^\"]*)\"").Select(match => match.Groups[1].Value), link => Assert.Matches("^(?:#|https?://|mailto:)", link));
        Assert.DoesNotMatch("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", page);
        Assert.Contains("<p>the end</p>", body, StringComparison.Ordinal);

        string markdown = await ReportAsync(new ReportedLines(text).Says(text).Says("the end, @ada").Ends("the end"), s_markdown);
        string said = markdown.Split("**Agent**")[1];
        Assert.DoesNotMatch("<(?:script|img|/div|/script|javascript|b |!-- a)", Regex.Replace(said, "(?ms)^```.*?^```", string.Empty));
        Assert.DoesNotMatch("class=\"dead\"|\\[image\\]", new ReportMarkdown().ToHtml(said)!);
        Assert.Contains("@<!-- -->ada", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_and_huge_texts_are_shown_as_text_and_cut()
    {
        string deep = string.Concat(Enumerable.Repeat("> ", 20_000)) + "deep";
        string huge = new string('x', 300_000) + "\ud83d\ude00";
        string page = await ReportAsync(new ReportedLines("go").Says(deep).Says(string.Concat(Enumerable.Repeat("[", 60_000))).Calls("c", "Read", new JsonObject { ["path"] = huge }).Gets("c", huge).Says(huge + "\n\n**end**").Ends("end"));
        Assert.Contains("characters are not shown", page, StringComparison.Ordinal);
        Assert.Contains("**end**", page, StringComparison.Ordinal);
        Assert.InRange(page.Length, 300_000, 900_000);
        Assert.DoesNotContain("\ufffd", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_a_summary_are_cut_and_their_counts_are_not()
    {
        RunChanges changes = new()
        {
            Changes = [.. Enumerable.Range(0, 3000).Select(i => new FileDifference("/p", new TreeEntry(Encoding.UTF8.GetBytes($"changed-{i}.txt"), FileDifferenceKind.Added), diff: null))],
        };
        MessageParser parser = new(account: new RecordedAccount { Facts = new ResultFacts { Changes = changes } });
        List<StreamMessage> messages = [];
        for (int i = 0; i < 450; i++)
        {
            Add($$$"""{"type":"assistant","session_id":"T-1","message":{"role":"assistant","content":[{"type":"tool_use","id":"c{{{i}}}","name":"Bash","input":{"cmd":"make"}}]}}""");
            Add($$$"""{"type":"user","session_id":"T-1","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"c{{{i}}}","is_error":true,"content":"Tool execution rejected by user"}]}}""");
        }

        Add("""{"type":"result","subtype":"success","session_id":"T-1","is_error":false,"num_turns":1,"result":"done"}""");
        foreach (ReportFormat format in Enum.GetValues<ReportFormat>())
        {
            using ReportWriter report = new(new ReportOptions { Format = format });
            messages.ForEach(report.Add);
            report.Add(MessageFactory.CreateResult("other", "T-2"));
            string text = Text(report);
            Assert.Equal(200, Regex.Count(text, "changed-\\d+\\.txt"));
            string[] expected = format == ReportFormat.Html ? ["Changed files (3,000)", "Denied calls (450)", ">450</td></tr>"] : ["| 450 |"];
            Assert.All([.. expected, "and 2,800 more", "and 250 more"], part => Assert.Contains(part, text, StringComparison.Ordinal));
        }

        // The second result of a session has the denials of the first one again.
        ReportedRun session = new(1);
        session.NoteDenial(new ToolDenial("Bash", "no") { ToolUseId = "c0" });
        messages.Append(messages[^1]).ToList().ForEach(message => session.Count(message, UsageOrigin.Unknown));

        // Nor does it have those after it.
        session.NoteDenial(new ToolDenial("Bash", "no") { ToolUseId = "later" });
        session.Complete();
        Assert.Equal((200, 451), (session.Denials.Count, session.DenialCount));

        void Add(string line) => messages.Add(parser.Parse(Encoding.UTF8.GetBytes(line)));
    }

    [Fact]
    public async Task More_files_than_are_listed_are_not_counted_as_if_they_were_all()
    {
        foreach (int files in (int[])[200, 201])
        {
            ReportedLines lines = new("go");
            for (int i = 0; i < files; i++)
            {
                lines.Calls($"c{i}", "edit_file", new JsonObject { ["path"] = $"/p/{i}.cs", ["old_str"] = "a", ["new_str"] = "b" }).Gets($"c{i}", "ok");
            }

            // A file that comes again is not another one.
            lines.Calls("again", "edit_file", new JsonObject { ["path"] = "/p/0.cs", ["old_str"] = "b", ["new_str"] = "c" }).Gets("again", "ok").Ends("end");
            Assert.Equal(files > 200, (await ReportAsync(lines)).Contains("to write (more than 200)", StringComparison.Ordinal));
            Assert.Equal(files > 200, (await ReportAsync(lines, s_markdown)).Contains("- and more", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_long_report_is_complete_and_leaves_no_file()
    {
        ReportedLines lines = new("go");
        for (int i = 0; i < 400; i++)
        {
            lines.Says($"Text {i} ä€😀.").Calls($"c{i}", "Read", new JsonObject { ["path"] = "a" }).Gets($"c{i}", $"<{i}>" + new string('é', 12_000));
        }

        string path = lines.Ends("end").WriteTo(Path.Combine(_home.Root, "long.ndjson"));
        string[] before = OpenFiles();
        string[] opened;
        using (ReportWriter report = new())
        {
            await report.AddTranscriptAsync(path, TestContext.Current.CancellationToken);
            string page = Text(report);
            Assert.Equal(Enumerable.Range(0, 400), Regex.Matches(page, "Text (\\d+) ä€😀").Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)));
            Assert.Equal(Enumerable.Range(0, 400), Regex.Matches(page, "&lt;(\\d+)&gt;é{12000}<").Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)));
            Assert.Throws<InvalidOperationException>(() => report.AddThread("""{"messages":[{"role":"user","content":[]}]}"""));
            opened = [.. OpenFiles().Except(before)];
        }

        // Other tests make reports too at this time, and not every file is theirs.
        Assert.NotEmpty(opened);
        Assert.NotEmpty(opened.Except(OpenFiles()));
        Assert.All(opened, file => Assert.False(OperatingSystem.IsLinux() ? !file.EndsWith(" (deleted)", StringComparison.Ordinal) : opened.Length == 1 && File.Exists(file)));
    }

    [Fact]
    public async Task Input_that_is_no_run_is_an_error_with_its_name_and_changes_no_file()
    {
        string target = Path.Combine(_home.Root, "report.html");
        File.WriteAllText(target, "old");
        string notes = Path.Combine(_home.Root, "notes.txt");
        File.WriteAllText(notes, "nothing\nof interest\n");
        using ReportWriter report = new();
        foreach (string path in (string[])[notes, Path.Combine(_home.Root, "missing.ndjson"), _home.Root])
        {
            AmpValidationException error = await Assert.ThrowsAsync<AmpValidationException>(() => report.AddTranscriptAsync(path, TestContext.Current.CancellationToken));
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, report.RunCount);
        Assert.Throws<AmpValidationException>(() => report.WriteTo(target));
        Assert.Equal("old", File.ReadAllText(target));

        string broken = new ReportedLines("go").Says("one").WriteTo(Path.Combine(_home.Root, "broken.ndjson"));
        File.AppendAllText(broken, "{\"run\":\n" + new ReportedLines("go").Says("two").Lines[^1] + "\n");
        Assert.Contains("Line 4", Assert.Single(await report.AddTranscriptAsync(broken, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        report.WriteTo(target);
        Assert.Matches("(?s)one.*Line that cannot be read.*two", File.ReadAllText(target));
        Assert.Equal(["broken.ndjson", "notes.txt", "report.html"], Directory.GetFiles(_home.Root).Select(Path.GetFileName).Where(name => name is "broken.ndjson" or "notes.txt" or "report.html" || name!.EndsWith(".tmp", StringComparison.Ordinal)).Order());
        Assert.Contains(_home.Root, Assert.Throws<AmpValidationException>(() => report.WriteTo(Path.Combine(_home.Root, "no", "x.html"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_is_rendered_apart_from_what_the_process_has() =>
        Assert.DoesNotContain(typeof(ReportWriter).Assembly.GetReferencedAssemblies(), name => name.Name!.StartsWith("Markdig", StringComparison.Ordinal) || name.Name == "Amp.Sdk.Markdown");

    // On Linux those that are open, also if they have no name anymore; elsewhere those with a name.
    private static string[] OpenFiles() => OperatingSystem.IsLinux()
        ? [.. Directory.GetFiles("/proc/self/fd").Select(Target).OfType<string>().Where(target => Path.GetFileName(target).StartsWith("amp-report-", StringComparison.Ordinal) && target.Contains(".tmp", StringComparison.Ordinal))]
        : Directory.GetFiles(Path.GetTempPath(), "amp-report-*.tmp");

    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (IOException)
        {
            // It was closed in the meantime.
            return null;
        }
    }

    private async Task<string> ReportAsync(ReportedLines lines, ReportOptions? options = null)
    {
        string path = lines.WriteTo(Path.Combine(_home.Root, $"{Guid.NewGuid():N}.ndjson"));
        using ReportWriter report = new(options);
        Assert.Empty(await report.AddTranscriptAsync(path, TestContext.Current.CancellationToken));
        return Text(report);
    }

    private static string Text(ReportWriter report)
    {
        using MemoryStream content = new();
        report.WriteTo(content);
        return Encoding.UTF8.GetString(content.ToArray());
    }
}
