using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Amp.Reports;

/// <summary>
/// A page that consists of one file. Its policy forbids everything that is not in the file itself: no address is contacted, and no style or script runs but its own.
/// Nothing that an agent wrote becomes a tag, an attribute or a link without a check.
/// </summary>
internal sealed class HtmlLayout : ReportLayout
{
    private const int LongestInput = 16 * 1024;
    private const int LongestResult = 32 * 1024;
    private const int LongestPrompt = 64 * 1024;
    private const int LongestAnswer = 256 * 1024;

    // A renderer of Markdown must not get texts that no person writes.
    private const int LongestMarkdown = 64 * 1024;

    private const int FoldedPrompt = 2000;

    private static readonly (string Style, string Script, string Policy) s_page = ReadPage();

    private readonly ReportMarkdown _markdown = new();

    public HtmlLayout(ReportText text)
        : base(text) => ReportMarkdown.Prepare();

    public override void Begin(StringBuilder to, string title, IReadOnlyList<ReportedRun> runs)
    {
        to.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"").Append(s_page.Policy)
            .Append("\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n<meta http-equiv=\"x-dns-prefetch-control\" content=\"off\">\n")
            .Append("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" content=\"Amp for PowerShell\">\n<title>").AppendText(title).Append("</title>\n<style>")
            .Append(s_page.Style).Append("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#runs\">Skip to the runs</a>\n<header><h1 dir=\"auto\">").AppendText(title).Append("</h1>\n")
            .Append("""
                <div class="bar" role="search"><input type="search" id="q" placeholder="Search ( / )" aria-label="Search the conversation" autocomplete="off" spellcheck="false">
                <output id="hits" aria-live="polite"></output>
                <span class="checks"><label><input type="checkbox" id="show-tools" checked>Tools</label><label><input type="checkbox" id="show-notes" checked>Notes</label><label><input type="checkbox" id="only-failed">Only problems</label></span>
                <button type="button" id="fold" title="e">Expand all</button></div>
                </header>
                <main id="runs">

                """);
        if (runs.Count > 1)
        {
            WriteIndex(to, runs);
        }
    }

    public override void BeginRun(StringBuilder to, ReportedRun run, bool isOnly) => HtmlSummary.Write(to, run, NameOf(run), isOnly, Text, FactsOf(run), OutcomeOf(run), IsGood(run));

    public override void EndRun(StringBuilder to) => to.Append("</div>\n</section>\n");

    public override void End(StringBuilder to) => to.Append("</main>\n<footer>Keys: <kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> next and previous, <kbd>e</kbd> expand or fold, <kbd>Esc</kbd> end the search</footer>\n<script>")
        .Append(s_page.Script).Append("</script>\n</body>\n</html>\n");

    public override void Prompt(StringBuilder to, string text, Place place)
    {
        text = Text.Clean(text, LongestPrompt);
        WriteHead(to, "user", place.IsSubagent ? "To the subagent" : "Prompt", place);
        bool isFolded = text.Length > FoldedPrompt;
        if (isFolded)
        {
            to.Append("<details><summary>").AppendText(Text.CleanLine(text, 200)).Append("</summary>");
        }

        to.Append("<div class=\"plain\" dir=\"auto\">").AppendText(text).Append("</div>").Append(isFolded ? "</details></article>\n" : "</article>\n");
    }

    public override void Answer(StringBuilder to, string text, Place place)
    {
        WriteHead(to, "agent", place.IsSubagent ? "Subagent" : "Agent", place);
        WriteMarkdown(to, Text.RedactMarkdown(text));
        to.Append("</article>\n");
    }

    public override void Thinking(StringBuilder to, string text)
    {
        // Entities and percent signs can hide secrets, which are found only in what the whole text becomes.
        string safe = Text.RedactMarkdown(text);
        string preview = safe.Contains('&', StringComparison.Ordinal) || safe.Contains('%', StringComparison.Ordinal) ? string.Empty : safe;
        to.Append("<details class=\"t think\"><summary><b class=\"k\">Thinking</b> <span class=\"subject\">").AppendText(Text.CleanLine(preview, 140)).Append("</span></summary>");
        WriteMarkdown(to, safe);
        to.Append("</details>\n");
    }

    public override void CallHead(StringBuilder to, CallFacts call)
    {
        to.Append("<details class=\"t").Append(call.State is null ? "\" id=\"r" : " bad\" id=\"r").Append(call.Run).Append('c').Append(call.Number).Append("\"><summary><b class=\"k ").Append(call.Kind)
            .Append("\">").AppendText(Text.CleanLine(call.Tool, 80)).Append("</b> <code class=\"subject\">").AppendText(call.Subject).Append("</code>");
        if (call.State is not null)
        {
            to.Append(" <span class=\"state\">").Append(call.State).Append("</span>");
        }

        if (call.Duration is TimeSpan duration)
        {
            to.Append(" <span class=\"time\">").Append(Readable(duration)).Append("</span>");
        }

        to.Append("</summary>\n");
    }

    public override void CallInput(StringBuilder to, ToolUseContent call)
    {
        to.Append("<div class=\"in\">");
        string? replacement = ReplacementOf(call);
        foreach ((string name, string value) in InputsOf(call))
        {
            if (replacement is not null && name is "old_str" or "new_str")
            {
                continue;
            }

            string shown = Text.Clean(value, LongestInput);
            bool isLong = shown.Length > 100 || shown.Contains('\n', StringComparison.Ordinal);
            to.Append("<div class=\"field\"><span>").AppendText(Text.CleanLine(name, 60)).Append("</span>");
            if (isLong && IsDiff(shown))
            {
                to.Append("<pre class=\"diff\" tabindex=\"0\">").AppendDiff(shown).Append("</pre>");
            }
            else
            {
                to.Append(isLong ? "<pre tabindex=\"0\">" : "<code>").AppendText(shown).Append(isLong ? "</pre>" : "</code>");
            }

            to.Append("</div>");
        }

        if (replacement is not null)
        {
            to.Append("<pre class=\"diff\" tabindex=\"0\">").AppendDiff(Text.Clean(replacement, LongestInput)).Append("</pre>");
        }

        to.Append("</div>\n");
    }

    public override void CallResult(StringBuilder to, string text, bool isFailed)
    {
        string shown = Text.Clean(text, LongestResult).TrimEnd('\n');
        to.Append(isFailed ? "<pre class=\"out bad\" tabindex=\"0\">" : "<pre class=\"out\" tabindex=\"0\">");
        _ = IsDiff(shown) ? to.AppendDiff(shown) : to.AppendText(shown.Length == 0 ? "(empty)" : shown);
        to.Append("</pre>\n");
    }

    public override void CallEnd(StringBuilder to) => to.Append("</details>\n");

    public override void Note(StringBuilder to, string kind, string text, bool isBad)
    {
        string shown = Text.Clean(text, LongestInput);
        to.Append(isBad ? "<div class=\"n bad\"><b>" : "<div class=\"n\"><b>").AppendText(Text.CleanLine(kind, 100)).Append("</b> <span class=\"plain\" dir=\"auto\">").AppendText(shown).Append("</span></div>\n");
    }

    private static void WriteHead(StringBuilder to, string kind, string who, Place place)
    {
        to.Append("<article class=\"m ").Append(kind).Append("\" id=\"r").Append(place.Run).Append('m').Append(place.Number).Append("\"><h3>").Append(who).Append(" <a href=\"#r").Append(place.Run).Append('m')
            .Append(place.Number).Append("\" aria-label=\"Link to this message\">").Append(place.Time is TimeSpan time ? Readable(time) : "#").Append("</a>");
        if (place.Detail is not null)
        {
            to.Append(" <span>").AppendText(place.Detail).Append("</span>");
        }

        to.Append("</h3>");
    }

    // A text without secrets, as far as they are found in Markdown.
    private void WriteMarkdown(StringBuilder to, string text)
    {
        text = ReportText.Shorten(text, LongestAnswer);
        int start = to.Length;
        if (TerminalText.Escaped(text) == text && PlainParagraphs.TryWrite(to.Append("<div class=\"md\" dir=\"auto\">"), text))
        {
            to.Append("</div>");
            Hide(to, start, text);
            return;
        }

        to.Length = start;
        if (text.Length <= LongestMarkdown && _markdown.ToHtml(text) is string html)
        {
            // Entities of Markdown can be hidden characters too, so the result is looked at. Tags have none.
            to.Append("<div class=\"md\" dir=\"auto\">").Append(TerminalText.Escaped(html)).Append("</div>");
            Hide(to, start, HtmlText.Shown(html));
        }
        else
        {
            WritePlain(to, text);
        }
    }

    // What a text became can be a secret, although the text itself is none.
    private void Hide(StringBuilder to, int start, string shown)
    {
        if (Text.FindIn(shown) is string masked)
        {
            to.Length = start;
            WritePlain(to, masked);
        }
    }

    private static void WritePlain(StringBuilder to, string text) => to.Append("<div class=\"plain\" dir=\"auto\">").AppendText(TerminalText.Escaped(text)).Append("</div>");

    private void WriteIndex(StringBuilder to, IReadOnlyList<ReportedRun> runs)
    {
        to.Append("<div class=\"wide\"><table class=\"index\"><thead><tr><th>Run</th><th>Outcome</th><th class=\"r\">Duration</th><th class=\"r\">Tokens</th><th class=\"r\">Cost</th><th class=\"r\">Tool calls</th><th class=\"r\">Denials</th></tr></thead>\n<tbody>\n");
        foreach (ReportedRun run in runs)
        {
            to.Append("<tr><td><a href=\"#r").Append(run.Number).Append("\" dir=\"auto\">").AppendText(NameOf(run)).Append("</a></td><td><span class=\"badge").Append(IsGood(run) ? " good\">" : " bad\">").Append(OutcomeOf(run))
                .Append("</span></td><td class=\"r\">").Append(run.Duration is TimeSpan duration ? Readable(duration) : string.Empty)
                .Append("</td><td class=\"r\">").Append(Number(run.Total.TotalTokens))
                .Append("</td><td class=\"r\">").Append(run.Total.Cost is decimal cost ? cost.ToString("$0.00##", CultureInfo.InvariantCulture) : string.Empty)
                .Append("</td><td class=\"r\">").Append(Number(run.Calls)).Append("</td><td class=\"r\">").Append(Number(run.DenialCount)).Append("</td></tr>\n");
        }

        to.Append("</tbody></table></div>\n");
    }

    private static (string Style, string Script, string Policy) ReadPage()
    {
        string style = Read("report.css");
        string script = Read("report.js");
        return (style, script,
            $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'");
    }

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // A checkout can have other line breaks, and the parser of a browser changes them before it hashes.
    private static string Read(string name)
    {
        using StreamReader reader = new(typeof(HtmlLayout).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
