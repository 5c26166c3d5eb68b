using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Amp.Sdk.Tests.Reports;

/// <summary>A page in the browser, and all that it did.</summary>
internal sealed class BrowserPage
{
    private readonly Chromium _browser;
    private readonly string _session;
    private readonly ChannelReader<JsonElement> _events;

    public BrowserPage(Chromium browser, string session, ChannelReader<JsonElement> events)
    {
        _browser = browser;
        _session = session;
        _events = events;
    }

    /// <summary>The addresses that the page asked for.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Messages in the console, exceptions, dialogs and navigations after the first one.</summary>
    public List<string> Faults { get; } = [];

    public async Task LoadAsync(string address, int width, bool isDark)
    {
        foreach (string domain in (string[])["Page", "Runtime", "Log", "Network"])
        {
            await SendAsync($"{domain}.enable", []);
        }

        await SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await SetDarkAsync(isDark);
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        await foreach (JsonElement happened in _events.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Take(happened, isFirst: true);
            if (happened.GetProperty("method").GetString() == "Page.loadEventFired")
            {
                return;
            }
        }
    }

    public Task SetDarkAsync(bool isDark, string media = "") => SendAsync("Emulation.setEmulatedMedia", new JsonObject
    {
        ["media"] = media,
        ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }),
    });

    /// <summary>Evaluates an expression, and waits for its promise. The answer must be JSON.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        JsonElement answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true });
        Assert.False(answer.TryGetProperty("exceptionDetails", out JsonElement fault), fault.ToString());
        return answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>Presses a key.</summary>
    public async Task PressAsync(string key)
    {
        await SendAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = "keyDown", ["key"] = key, ["text"] = key.Length == 1 ? key : string.Empty });
        await SendAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = "keyUp", ["key"] = key });
    }

    /// <summary>Saves what is shown.</summary>
    public async Task SaveImageAsync(string path) =>
        await File.WriteAllBytesAsync(path, (await SendAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" })).GetProperty("data").GetBytesFromBase64());

    /// <summary>Prints the page, with the colors behind texts, as a PDF.</summary>
    public async Task PrintAsync(string path) => await File.WriteAllBytesAsync(
        path,
        (await SendAsync("Page.printToPDF", new JsonObject { ["printBackground"] = true, ["marginTop"] = 0, ["marginBottom"] = 0, ["marginLeft"] = 0.4, ["marginRight"] = 0.4 }))
            .GetProperty("data").GetBytesFromBase64());

    /// <summary>Takes all that happened so far: an answer comes after the events before it.</summary>
    public async Task SettleAsync()
    {
        await EvaluateAsync("new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)))");
        while (_events.TryRead(out JsonElement happened))
        {
            Take(happened, isFirst: false);
        }
    }

    private void Take(JsonElement happened, bool isFirst)
    {
        JsonElement parameters = happened.GetProperty("params");
        switch (happened.GetProperty("method").GetString())
        {
            case "Network.requestWillBeSent":
                Requests.Add(parameters.GetProperty("request").GetProperty("url").GetString()!);
                break;
            case "Runtime.consoleAPICalled" or "Runtime.exceptionThrown" or "Log.entryAdded" or "Page.javascriptDialogOpening":
                Faults.Add(happened.ToString());
                break;
            case "Page.frameNavigated" or "Page.windowOpen" when !isFirst:
                Faults.Add(happened.ToString());
                break;
        }
    }

    private Task<JsonElement> SendAsync(string method, JsonObject parameters) => _browser.SendAsync(method, parameters, _session);
}
