using System.Text.Json.Nodes;
using Amp.Testing;

namespace Amp.Sdk.Tests.Support;

/// <summary>A run on the fake CLI with settings of a user, and what the CLI was given of them.</summary>
internal sealed class SettingsRun : IDisposable
{
    private readonly FakeRun _run;

    public SettingsRun(string? userSettings = null, FakeCliScript? script = null)
    {
        _run = script is null ? new FakeRun() : new FakeRun(script);
        ConfigurationFolder = Path.Combine(Path.GetDirectoryName(_run.Project)!, ".config", "amp");
        if (userSettings is not null)
        {
            Write(UserFile, userSettings);
        }
    }

    public FakeRun Run => _run;

    public string ConfigurationFolder { get; }

    public string UserFile => Path.Combine(ConfigurationFolder, "settings.json");

    public AmpOptions Options
    {
        get => _run.Options;
        set => _run.Options = value;
    }

    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public static JsonNode Parse(string json) => JsonNode.Parse(json)!;

    /// <summary>Runs to a good end and tells what the settings file of the run held.</summary>
    public async Task<JsonObject> MergedAsync()
    {
        await SucceedAsync();
        return Parse(_run.Record.File("--settings-file").Content!).AsObject();
    }

    /// <summary>The permission rules that the CLI was given, each on a line of its own.</summary>
    public async Task<IReadOnlyList<string>> RulesAsync() =>
        [.. (await MergedAsync())["amp.permissions"]!.AsArray().Select(rule => rule!.ToJsonString())];

    public async Task SucceedAsync()
    {
        RunOutcome outcome = await _run.RunAsync();
        Assert.True(outcome.Error is null, outcome.Error?.ToString());
    }

    public void Dispose() => _run.Dispose();
}
