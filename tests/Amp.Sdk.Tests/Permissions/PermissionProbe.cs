using System.Diagnostics;
using System.Text.Json;
using Amp.Sdk.Tests.Support;
using Amp.Testing;

namespace Amp.Sdk.Tests.Permissions;

/// <summary>Asks a real CLI what it would do with tool calls under given rules. Nothing is run, and no service is needed.</summary>
internal sealed class PermissionProbe : IDisposable
{
    private readonly PrivateHome _home = new();
    private readonly string _cli;
    private readonly string _rules;
    private readonly string _settings;

    public PermissionProbe(RealCliBuild build, IEnumerable<AmpPermission> rules)
        : this(build, $"[{string.Join(',', rules.Select(rule => rule.ToJson()))}]")
    {
    }

    public PermissionProbe(RealCliBuild build, string rules)
    {
        string? cli = RepositoryLayout.RealCli(build);
        Assert.SkipWhen(cli is null, "Run 'npm ci --prefix tests/cli' to have the real CLIs.");
        _cli = cli;
        _rules = rules;
        _settings = Path.Combine(_home.Root, "settings.json");
        File.WriteAllText(_settings, $$"""{"amp.permissions":{{rules}}}""");
    }

    /// <summary>The action and the index of the rule, <c>reject 3</c>; <c>allow built-in</c> for the CLI's own rules.</summary>
    public async Task<string> AskAsync(string tool, params string[] arguments)
    {
        string key = RecordedVerdicts.KeyOf(_cli, _rules, [tool, .. arguments]);
        if (RecordedVerdicts.Find(key) is string recorded)
        {
            return recorded;
        }

        string verdict = await AskNowAsync(tool, arguments);
        RecordedVerdicts.Note(key, verdict);
        return verdict;
    }

    public void Dispose() => _home.Dispose();

    private async Task<string> AskNowAsync(string tool, string[] arguments)
    {
        bool isScript = _cli.EndsWith(".js", StringComparison.Ordinal);
        ProcessStartInfo start = new(isScript ? "node" : _cli)
        {
            WorkingDirectory = _home.Project,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] program = isScript ? [_cli] : [];
        string[] words = [.. program, "permissions", "test", tool, .. arguments, "--json", "--settings-file", _settings];
        foreach (string word in words)
        {
            start.ArgumentList.Add(word);
        }

        foreach ((string name, string? value) in _home.Environment())
        {
            start.Environment[name] = value;
        }

        // Without one, the native CLI begins a login.
        start.Environment["AMP_API_KEY"] = "none";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(FakeRun.HangLimit);
        await process.WaitForExitAsync().WaitAsync(FakeRun.HangLimit);
        try
        {
            return Verdict(output, process.ExitCode);
        }
        catch (JsonException)
        {
            throw new InvalidOperationException($"{tool}: {output} {await errors}");
        }
    }

    // Sequences for the terminal may follow behind the JSON.
    private static string Verdict(string output, int exitCode)
    {
        using JsonDocument answer = JsonDocument.Parse(output[..(output.LastIndexOf('}') + 1)]);
        string action = answer.RootElement.GetProperty("action").GetString()!;
        Assert.Equal(action == "allow" ? 0 : action == "reject" ? 2 : 1, exitCode);
        return answer.RootElement.GetProperty("source").GetString() == "user"
            ? $"{action} {answer.RootElement.GetProperty("matchIndex").GetInt32()}"
            : $"{action} built-in";
    }
}
