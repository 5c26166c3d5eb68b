using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Amp.Testing;

namespace Amp.Sdk.Tests.Reports;

/// <summary>A browser without windows, for all tests of a class, that is spoken to in its own protocol.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe", "msedge.exe"];

    private readonly PrivateHome _home = new();
    private readonly ClientWebSocket _socket = new();
    private readonly Dictionary<int, TaskCompletionSource<JsonElement>> _answers = [];
    private readonly Dictionary<string, Channel<JsonElement>> _events = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _sending = new(1);
    private Process? _process;
    private Task _reading = Task.CompletedTask;
    private int _last;

    /// <summary>Why there is no browser; null if there is one.</summary>
    public string? Missing { get; private set; }

    /// <summary>A folder for pages.</summary>
    public string Folder => _home.Root;

    public async ValueTask InitializeAsync()
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (program is null)
        {
            Missing = "No Chromium is on PATH: pages are not tried in a browser.";
            return;
        }

        ProcessStartInfo start = new(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
            $"--user-data-dir={Path.Combine(_home.Root, "browser")}", "about:blank",
        ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["HOME"] = _home.Root;
        _process = Process.Start(start)!;
        TaskCompletionSource<string> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
        StringBuilder said = new();
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) =>
        {
            said.AppendLine(line.Data);
            if (line.Data is null)
            {
                address.TrySetException(new InvalidOperationException($"{program} ended: {said}"));
            }
            else if (Regex.Match(line.Data, @"DevTools listening on (ws://\S+)") is { Success: true } match)
            {
                address.TrySetResult(match.Groups[1].Value);
            }
        };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        await _socket.ConnectAsync(new Uri(await address.Task), CancellationToken.None);
        _reading = Task.Run(ReadAsync);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _ = SendAsync("Browser.close", []);
            using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
            try
            {
                await _process.WaitForExitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }

            _process.Dispose();
        }

        await _reading;
        _socket.Dispose();
        _sending.Dispose();
        _home.Dispose();
    }

    /// <summary>Opens a file in a new page, and waits until it has been loaded.</summary>
    internal async Task<BrowserPage> OpenAsync(string path, int width = 1280, bool isDark = false)
    {
        Assert.SkipUnless(Missing is null, Missing ?? string.Empty);
        string target = (await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" })).GetProperty("targetId").GetString()!;
        string session = (await SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target, ["flatten"] = true })).GetProperty("sessionId").GetString()!;
        BrowserPage page = new(this, session, Events(session).Reader);
        await page.LoadAsync(new Uri(path).AbsoluteUri, width, isDark);
        return page;
    }

    /// <summary>Gives a command and waits for its answer.</summary>
    internal async Task<JsonElement> SendAsync(string method, JsonObject parameters, string? session = null)
    {
        TaskCompletionSource<JsonElement> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        JsonObject command = new() { ["method"] = method, ["params"] = parameters };
        if (session is not null)
        {
            command["sessionId"] = session;
        }

        await _sending.WaitAsync();
        try
        {
            int id = ++_last;
            command["id"] = id;
            lock (_answers)
            {
                _answers[id] = answer;
            }

            await _socket.SendAsync(Encoding.UTF8.GetBytes(command.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task;
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[64 * 1024];
        using MemoryStream message = new();
        try
        {
            while (true)
            {
                WebSocketReceiveResult read = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                if (read.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                message.Write(buffer, 0, read.Count);
                if (read.EndOfMessage)
                {
                    Take(JsonDocument.Parse(message.ToArray()).RootElement);
                    message.SetLength(0);
                }
            }
        }
        catch (WebSocketException)
        {
            // The browser has ended.
        }

        lock (_answers)
        {
            foreach (TaskCompletionSource<JsonElement> answer in _answers.Values)
            {
                answer.TrySetCanceled();
            }
        }
    }

    private void Take(JsonElement message)
    {
        if (!message.TryGetProperty("id", out JsonElement id))
        {
            if (message.TryGetProperty("sessionId", out JsonElement session))
            {
                Events(session.GetString()!).Writer.TryWrite(message);
            }

            return;
        }

        TaskCompletionSource<JsonElement>? answer;
        lock (_answers)
        {
            _answers.Remove(id.GetInt32(), out answer);
        }

        if (message.TryGetProperty("error", out JsonElement error))
        {
            answer?.TrySetException(new InvalidOperationException(error.ToString()));
        }
        else
        {
            answer?.TrySetResult(message.GetProperty("result"));
        }
    }

    private Channel<JsonElement> Events(string session)
    {
        lock (_events)
        {
            return _events.TryGetValue(session, out Channel<JsonElement>? channel) ? channel : _events[session] = Channel.CreateUnbounded<JsonElement>();
        }
    }
}
