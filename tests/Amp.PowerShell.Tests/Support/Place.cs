using System.Collections;
using Amp.Testing;

namespace Amp.PowerShell.Tests.Support;

/// <summary>A home and a project of a test's own, the call that works in them, and what the fake CLI recorded there.</summary>
internal sealed class Place : IDisposable
{
    private readonly PrivateHome _home = new PrivateHome().WithAnswersOfClis();

    public Place(Action<FakeCliScript>? steps = null)
    {
        Environment = new Hashtable(_home.Environment());
        FakeCliScript script = new();
        steps?.Invoke(script);
        Follow(script);

        // The .NET runtime of the fake CLI would leave sockets of its debugger behind when it is killed.
        Environment["DOTNET_EnableDiagnostics"] = "0";
        Call = new Hashtable { ["CliPath"] = RepositoryLayout.FakeCli, ["WorkingDirectory"] = Project, ["Environment"] = Environment };
    }

    /// <summary>Parameters to splat.</summary>
    public Hashtable Call { get; }

    public Hashtable Environment { get; }

    public string Project => _home.Project;

    public IReadOnlyList<FakeCliRecord> Records => FakeCliRecord.ReadAll(Log);

    /// <summary>The runs among the calls of the CLI.</summary>
    public IReadOnlyList<FakeCliRecord> Runs => [.. Records.Where(record => record.Kind == "Run")];

    private string Log => Path.Combine(_home.Root, "log");

    /// <summary>Has the fake CLI do these steps, which may name files of this place.</summary>
    public void Follow(FakeCliScript script)
    {
        foreach ((string name, string? value) in script.Environment(Log))
        {
            Environment[name] = value;
        }
    }

    public string File(string name) => Path.Combine(_home.Root, name);

    /// <summary>Waits until every process that the fake CLI recorded has gone.</summary>
    public async Task AllGoneAsync() => Assert.True(
        await Eventually.IsTrueAsync(
            () => Records.SelectMany(record => record.Children.Select(child => child.ProcessId).Append(record.ProcessId)).All(id => !ProcessProbe.IsRunning(id)),
            Hosted.HangLimit),
        "a process of a run is still there");

    public void Dispose() => _home.Dispose();
}
