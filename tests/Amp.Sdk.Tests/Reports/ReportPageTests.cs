using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Amp.Sdk.Tests.Reports;

/// <summary>The page of a report in a browser.</summary>
public sealed class ReportPageTests : IClassFixture<Chromium>
{
    private readonly Chromium _browser;

    public ReportPageTests(Chromium browser) => _browser = browser;

    [Fact]
    public async Task It_needs_nothing_but_its_file_and_has_no_fault_light_and_dark()
    {
        string path = await WriteAsync(Sample());
        List<string> backgrounds = [];
        foreach ((int width, bool isDark) in ((int, bool)[])[(1280, false), (1280, true), (390, false), (390, true)])
        {
            BrowserPage page = await _browser.OpenAsync(path, width, isDark);
            await page.SettleAsync();
            Assert.Empty(page.Faults);
            Assert.Equal(new Uri(path).AbsoluteUri, Assert.Single(page.Requests));
            backgrounds.Add((await page.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString()!);

            // Nothing is wider than the window: only tables and code scroll in themselves.
            Assert.True((await page.EvaluateAsync("document.documentElement.scrollWidth <= innerWidth")).GetBoolean());
            if (Environment.GetEnvironmentVariable("AMP_TEST_IMAGES") is { Length: > 0 } folder)
            {
                await page.SaveImageAsync(Path.Combine(folder, $"{width}-{(isDark ? "dark" : "light")}.png"));
                await page.PressAsync("e");
                await page.EvaluateAsync("document.querySelector('.talk').scrollIntoView()");
                await page.SaveImageAsync(Path.Combine(folder, $"{width}-{(isDark ? "dark" : "light")}-open.png"));
            }
        }

        Assert.Equal(backgrounds[0], backgrounds[2]);
        Assert.NotEqual(backgrounds[0], backgrounds[1]);
    }

    [Fact]
    public async Task Search_filters_folding_and_keys_work()
    {
        BrowserPage page = await _browser.OpenAsync(await WriteAsync(Sample()));
        int all = await CountAsync(page, ".talk > :not([hidden])");

        // A word of a result in a folded call.
        await page.PressAsync("/");
        Assert.Equal("q", (await page.EvaluateAsync("document.activeElement.id")).GetString());
        await page.EvaluateAsync("(() => { const q = document.querySelector('#q'); q.value = 'NEEDLE'; q.dispatchEvent(new Event('input')); })()");
        await page.EvaluateAsync("new Promise(done => { const look = () => document.querySelector('#hits').textContent ? done() : requestAnimationFrame(look); look(); })");
        Assert.Equal($"1 of {all.ToString(CultureInfo.InvariantCulture)}", (await page.EvaluateAsync("document.querySelector('#hits').textContent")).GetString());
        Assert.Equal(1, await CountAsync(page, ".talk > :not([hidden])"));
        Assert.True((await page.EvaluateAsync("document.querySelector('.talk > :not([hidden])').open")).GetBoolean());
        await page.PressAsync("Escape");
        Assert.Equal(all, await CountAsync(page, ".talk > :not([hidden])"));
        Assert.Equal(0, await CountAsync(page, ".talk details[open]"));

        await page.PressAsync("e");
        Assert.Equal(await CountAsync(page, ".talk details"), await CountAsync(page, ".talk details[open]"));
        await page.PressAsync("e");
        Assert.Equal(0, await CountAsync(page, ".talk details[open]"));

        await page.EvaluateAsync("document.querySelector('#only-failed').click()");
        Assert.Equal("c3", (await page.EvaluateAsync("Array.from(document.querySelectorAll('.talk > details')).filter(item => item.offsetParent).map(item => item.id.slice(2)).join()")).GetString());
        await page.EvaluateAsync("document.querySelector('#only-failed').click()");

        await page.PressAsync("j");
        await page.PressAsync("j");
        Assert.Equal(1, await CountAsync(page, ".here"));

        // An address from elsewhere is no fault.
        await page.EvaluateAsync("new Promise(done => { addEventListener('hashchange', () => done(), { once: true }); location.hash = '#%zz'; })");

        // From the time line to the call of a subagent.
        await page.EvaluateAsync("new Promise(done => { addEventListener('hashchange', () => done(), { once: true }); location.hash = '#r1c5'; })");
        Assert.Equal(2, await CountAsync(page, "details.t[open]"));
        await page.SettleAsync();
        Assert.Single(page.Requests);
        Assert.Empty(page.Faults);
    }

    [Fact]
    public async Task A_hostile_transcript_does_nothing()
    {
        string[] attacks =
        [
            "<script>globalThis.hit = 1; alert(1)</script>", "</script><script>hit = 1</script>", "<img src=x onerror=\"hit=1\">", "<svg onload=hit=1>", "<iframe src=\"javascript:parent.hit=1\"></iframe>",
            "<a href=\"javascript:hit=1\">x</a>", "[x](javascript:hit=1)", "[x](data:text/html,<script>hit=1</script>)", "<javascript:hit=1>", "![x](http://127.0.0.1:9/x.png)",
            "<link rel=stylesheet href=http://127.0.0.1:9/x.css>", "<meta http-equiv=refresh content=\"0;url=http://127.0.0.1:9/\">", "<base href=http://127.0.0.1:9/>", "<form action=http://127.0.0.1:9/><button autofocus onfocus=hit=1>",
            "</style><style>*{background:url(http://127.0.0.1:9/)}</style>", "</title></head><body onload=hit=1>", "--><img src=x onerror=hit=1>", "]]><img src=x onerror=hit=1>", "\" onmouseover=\"hit=1\" autofocus onfocus=\"hit=1",
            "' onclick='hit=1", "<details open ontoggle=hit=1>", "<div id=q name=getElementById>", "safe\u202etxt.exe\u2066\u200e", "\u0000\u001b[2J\u009b", "&#x202e;&lt;script&gt;hit=1", "`" + new string('<', 200_000),
            new string('a', 2_000_000), string.Concat(Enumerable.Repeat("*_[", 15_000)),
        ];
        ReportedLines lines = new(attacks[0]);
        for (int i = 0; i < attacks.Length; i++)
        {
            string attack = attacks[i];
            string id = "id" + i.ToString(CultureInfo.InvariantCulture) + attack[..Math.Min(40, attack.Length)];
            lines.Asks(attack).Says(attack).Thinks(attack).Calls(id, attack[..Math.Min(200, attack.Length)], new JsonObject { [attack[..Math.Min(200, attack.Length)]] = attack, ["path"] = attack })
                .Says(attack, parent: id).Gets(id, attack, isError: i % 2 == 0).Warns(attack);
        }

        BrowserPage page = await _browser.OpenAsync(await WriteAsync(lines.Ends(string.Join('\n', attacks))));
        await page.PressAsync("e");
        await page.EvaluateAsync("document.querySelectorAll('*').forEach(item => { item.dispatchEvent(new Event('mouseover')); item.dispatchEvent(new Event('focus')); })");
        await page.SettleAsync();
        Assert.Equal("undefined", (await page.EvaluateAsync("typeof hit")).GetString());
        Assert.Empty(page.Faults);
        Assert.Single(page.Requests);
        JsonElement found = await page.EvaluateAsync("""
            [document.scripts.length, document.styleSheets.length, document.images.length, document.forms.length, document.querySelectorAll('iframe,object,embed,link,base,button:not(#fold)').length,
             Array.from(document.querySelectorAll('*')).filter(item => item.getAttributeNames().some(name => name.startsWith('on') || name === 'style')).length,
             Array.from(document.querySelectorAll('a')).filter(item => !/^(#|https?:|mailto:)/.test(item.getAttribute('href') ?? item.href.baseVal)).length,
             document.querySelectorAll('#q').length]
            """);
        Assert.Equal([1, 1, 0, 0, 0, 0, 0, 1], found.EnumerateArray().Select(count => count.GetInt32()));
        Assert.Contains("safe\\u202etxt.exe\\u2066\\u200e", (await page.EvaluateAsync("document.body.textContent")).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ten_thousand_messages_open_and_can_be_searched()
    {
        ReportedLines lines = new("go");
        for (int i = 0; i < 3_334; i++)
        {
            lines.Says($"I look at **file {i}**.\n\n- first\n- second `code`").Calls($"c{i}", "Read", new JsonObject { ["path"] = $"src/file{i}.cs" }).Gets($"c{i}", $"1: using System;\n2: // number {i}");
        }

        BrowserPage page = await _browser.OpenAsync(await WriteAsync(lines.Ends("end")));
        JsonElement times = await page.EvaluateAsync("(() => { const t = performance.getEntriesByType('navigation')[0]; const p = performance.getEntriesByName('first-contentful-paint')[0]; return [t.domInteractive, t.loadEventEnd, p ? p.startTime : -1]; })()");
        TestContext.Current.SendDiagnosticMessage($"interactive, loaded, painted (ms): {times}");
        Assert.Equal(3_334, await CountAsync(page, ".talk > .t"));
        await page.EvaluateAsync("(() => { const q = document.querySelector('#q'); q.value = 'number 3333'; q.dispatchEvent(new Event('input')); })()");
        await page.EvaluateAsync("new Promise(done => { const look = () => document.querySelector('#hits').textContent ? done() : requestAnimationFrame(look); look(); })");
        Assert.StartsWith("1 of ", (await page.EvaluateAsync("document.querySelector('#hits').textContent")).GetString(), StringComparison.Ordinal);
        Assert.InRange(await CountAsync(page, "rect"), 1, 4_000);
        await page.SettleAsync();
        Assert.Empty(page.Faults);
    }

    [Fact]
    public async Task What_is_printed_is_complete_and_on_white_paper()
    {
        Assert.SkipUnless(PrintedPages.Missing is null, PrintedPages.Missing ?? string.Empty);
        string longLine = string.Concat(Enumerable.Range(0, 120).Select(i => $"column{i:000}"));
        string wide = string.Concat(Enumerable.Range(0, 12).Select(i => $"| wide-cell-number-{i:00} "));
        string long1000 = string.Join('\n', Enumerable.Range(0, 300).Select(i => $"output-line-{i:000}"));
        ReportedLines lines = Unfinished($"A title that takes more lines than two: {string.Join(' ', Enumerable.Range(0, 16).Select(i => $"word{i:00}"))}")
            .Says($"{wide}|\n{string.Concat(Enumerable.Repeat("|---", 12))}|\n{wide}|\n\nSee [the page](https://example.com/a-page).")
            .Calls("c8", "shell_command", new JsonObject { ["command"] = longLine }).Gets("c8", long1000).Says("The last words.");
        string path = await WriteAsync(lines.Ends("The last words."));
        BrowserPage page = await _browser.OpenAsync(path, isDark: true);
        string dark = (await page.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString()!;
        Assert.Equal(0, await CountAsync(page, ".talk details[open]"));

        string pdf = Path.ChangeExtension(path, ".pdf");
        await page.PrintAsync(pdf);
        string printed = await PrintedPages.TextAsync(pdf);
        foreach (string text in (string[])
        [
            "word15", "a needle in a haystack", "while (line is not null)", "could not read from remote repository", "I look at it.", "No findings.", "The condition is wrong.", "wide-cell-number-11", "column119",
            "output-line-000", "output-line-299", "https://example.com/a-page", "The CLI is newer than this module.", "The last words.",
        ])
        {
            Assert.Contains(text.Replace(" ", string.Empty, StringComparison.Ordinal), printed, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("Expandall", printed, StringComparison.Ordinal);
        Assert.Empty(await PrintedPages.WordsBeyondAsync(pdf));
        Assert.InRange(await PrintedPages.BrightnessAsync(pdf), 0.75, 1);

        // What was folded on the screen is so again, and the screen is dark.
        Assert.Equal(0, await CountAsync(page, ".talk details[open]"));
        Assert.Equal(dark, (await page.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString());

        // Also in a browser that asks for the colors of the screen, and for a reader who forbids scripts: by the style alone.
        await page.SetDarkAsync(true, "print");
        Assert.Equal("rgb(255, 255, 255)", (await page.EvaluateAsync("getComputedStyle(document.body).backgroundColor")).GetString());
        Assert.NotEqual("rgb(255, 255, 255)", dark);
        Assert.Empty((await page.EvaluateAsync("""
            Array.from(document.querySelectorAll('main *, h1')).filter(part => part.getClientRects().length && getComputedStyle(part).display !== 'inline' && !(part instanceof SVGElement) && getComputedStyle(part).overflow !== 'visible'
                && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1)).map(part => part.outerHTML.slice(0, 200))
            """)).EnumerateArray());
        Assert.True((await page.EvaluateAsync("Array.from(document.querySelectorAll('.talk details > :not(summary)')).every(part => part.checkVisibility({ contentVisibilityAuto: true }))")).GetBoolean());
    }

    private static ReportedLines Sample() => Unfinished("The parser stops at an empty line. Fix it.").Ends("Done.");

    private static ReportedLines Unfinished(string prompt) => new ReportedLines(prompt).Thinks("The **condition** is wrong.").Says("I read the file.\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n[docs](https://example.com)\n\n```diff\n-old\n+new\n```")
        .Calls("c1", "Read", new JsonObject { ["path"] = "/home/ada/project/src/Parser.cs" }).Gets("c1", "a needle in a haystack")
        .Calls("c2", "edit_file", new JsonObject { ["path"] = "/home/ada/project/src/Parser.cs", ["old_str"] = "while (line.Length > 0)", ["new_str"] = "while (line is not null)" }).Gets("c2", "diff --git a/x b/x\n@@ -1 +1 @@\n-a\n+b")
        .Calls("c3", "shell_command", new JsonObject { ["command"] = "git push" }).Gets("c3", """{"output":"fatal: could not read from remote repository\n","exitCode":128}""")
        .Calls("c4", "Task", new JsonObject { ["prompt"] = "review" }).Says("I look at it.", parent: "c4").Calls("c5", "Grep", new JsonObject { ["pattern"] = "x" }, parent: "c4").Gets("c5", "none", parent: "c4").Gets("c4", "No findings.")
        .Warns("The CLI is newer than this module.").Says("Done.");

    private async Task<string> WriteAsync(ReportedLines lines)
    {
        Assert.SkipUnless(_browser.Missing is null, _browser.Missing ?? string.Empty);
        string name = Path.Combine(_browser.Folder, Guid.NewGuid().ToString("N"));
        using ReportWriter report = new();
        await report.AddTranscriptAsync(lines.WriteTo(name + ".ndjson"), TestContext.Current.CancellationToken);
        report.WriteTo(name + ".html");
        return name + ".html";
    }

    private static async Task<int> CountAsync(BrowserPage page, string selector) =>
        (await page.EvaluateAsync($"document.querySelectorAll({JsonSerializer.Serialize(selector)}).length")).GetInt32();
}
