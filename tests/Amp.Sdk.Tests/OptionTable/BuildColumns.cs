using Amp.Testing;

namespace Amp.Sdk.Tests.OptionTable;

/// <summary>The CLIs of the table. Each has been asked for its version and help once; what it said is kept in a folder of this object.</summary>
public sealed class BuildColumns : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("amp-test-columns-").FullName;
    private readonly Dictionary<string, AmpCli> _clis = [];

    public async ValueTask InitializeAsync()
    {
        foreach (Build build in Build.All)
        {
            if (PathOf(build) is not null)
            {
                using PrivateHome home = new();
                _clis[build.Date] = await AmpClient.GetCliAsync(OptionsFor(build, home)).WaitAsync(Support.FakeRun.HangLimit);
            }
        }
    }

    internal AmpCli Cli(Build build)
    {
        Assert.SkipWhen(PathOf(build) is null, "Run 'npm ci --prefix tests/cli', with Node on the path, to have the real CLIs.");
        return _clis[build.Date];
    }

    /// <summary>The least that a run on that CLI is given.</summary>
    internal AmpOptions OptionsFor(Build build, PrivateHome home)
    {
        Dictionary<string, string?> environment = home.Environment();
        foreach ((string name, string? value) in build.Real is null ? build.Fake().Environment(Path.Combine(home.Root, "log")) : [])
        {
            environment[name] = value;
        }

        environment["XDG_CACHE_HOME"] = environment["LOCALAPPDATA"] = Path.Combine(_root, build.Date);
        return new AmpOptions { CliPath = PathOf(build), WorkingDirectory = home.Project, Environment = environment };
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string? PathOf(Build build) => build.Real is not RealCliBuild real
        ? RepositoryLayout.FakeCli
        : RepositoryLayout.RealCli(real) is string path && (build.Date == Build.September || Support.RealRun.HasNode) ? path : null;
}
