using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amp.Testing;

namespace Amp.Sdk.Tests.Ssh;

/// <summary>A program of a run on a host, started as the CLI there starts it. The host of these tests is this machine.</summary>
internal sealed class FarProgram : IDisposable
{
    public const string Canary = "sgamp_user_farcanary";

    private readonly Process _process;
    private int _id;

    private FarProgram(string file, IEnumerable<string> arguments, params (string Name, string Value)[] variables)
        : this(file, arguments, null, variables)
    {
    }

    private FarProgram(string file, IEnumerable<string> arguments, string? folder, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = new(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };

        // A CLI gives servers few of its variables.
        start.Environment.Clear();
        start.Environment["PATH"] = folder is null ? "/nowhere" : ".";
        start.WorkingDirectory = folder ?? string.Empty;
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.StandardInput.AutoFlush = true;
    }

    public int ProcessId => _process.Id;

    /// <summary>Starts the server of the tools.</summary>
    /// <param name="run">The CLI's record.</param>
    /// <param name="name">The name of the server.</param>
    /// <param name="folder">A folder that it works in, whose programs come first on its PATH.</param>
    public static FarProgram Server(FakeCliRecord run, string name = "sdk", string? folder = null)
    {
        using JsonDocument servers = JsonDocument.Parse(run.File("--mcp-config").Content!);
        JsonElement server = servers.RootElement.GetProperty(name);
        return new FarProgram(server.GetProperty("command").GetString()!, server.GetProperty("args").EnumerateArray().Select(item => item.GetString()!), folder);
    }

    /// <summary>The program that asks for approval.</summary>
    public static string Asker(FakeCliRecord run)
    {
        using JsonDocument settings = JsonDocument.Parse(run.File("--settings-file").Content!);
        return settings.RootElement.GetProperty("amp.permissions").EnumerateArray().Last().GetProperty("to").GetString()!;
    }

    /// <summary>Asks about a call.</summary>
    /// <param name="program">The program that asks.</param>
    /// <param name="input">The input of the tool.</param>
    /// <param name="tool">The name of the tool.</param>
    /// <param name="shell">The words of another shell that is to run it.</param>
    public static FarProgram Ask(string program, string input = """{"cmd":"ls"}""", string tool = "Bash", params string[] shell)
    {
        string[] words = [.. shell, program];
        FarProgram asker = new(
            words[0], words[1..], ("AGENT_TOOL_NAME", tool), ("AGENT_TOOL_USE_ID", "toolu_1"), ("AMP_THREAD_ID", "T-1"), ("AMP_API_KEY", Canary));
        asker._process.StandardInput.Write(input);
        asker._process.StandardInput.Close();
        return asker;
    }

    /// <summary>How the program that asks has exited, and what it says to the model.</summary>
    public async Task<(int ExitCode, string Error)> AnswerAsync()
    {
        Task<string> error = _process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Support.FakeRun.HangLimit);
        return (_process.ExitCode, await error);
    }

    public async Task InitializeAsync()
    {
        await AskAsync("initialize", """{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}""");
        Tell("notifications/initialized");
    }

    public void Tell(string method, string parameters = "{}") => Say($$$"""{"jsonrpc":"2.0","method":"{{{method}}}","params":{{{parameters}}}}""");

    /// <summary>Sends a request.</summary>
    /// <returns>Its ID.</returns>
    public int Request(string method, string parameters = "{}")
    {
        Say($$$"""{"jsonrpc":"2.0","id":{{{++_id}}},"method":"{{{method}}}","params":{{{parameters}}}}""");
        return _id;
    }

    public int Call(string tool, string arguments = "{}") => Request("tools/call", $$$"""{"name":"{{{tool}}}","arguments":{{{arguments}}}}""");

    public async Task<JsonNode> AskAsync(string method, string parameters = "{}")
    {
        Request(method, parameters);
        return (await ReadAsync())!;
    }

    /// <summary>The next message; null at the end.</summary>
    public async Task<JsonNode?> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Support.FakeRun.HangLimit) is string line ? JsonNode.Parse(line) : null;

    public static string Text(JsonNode? answer) => (string)answer!["result"]!["content"]![0]!["text"]!;

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void Say(string line) => _process.StandardInput.Write(line + "\n");
}
