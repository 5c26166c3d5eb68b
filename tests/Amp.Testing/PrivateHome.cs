namespace Amp.Testing;

/// <summary>A home folder of a test's own, so that no CLI reads or writes the developer's; deleted with the object.</summary>
public sealed class PrivateHome : IDisposable
{
    /// <summary>Makes the folder below the system's temporary one.</summary>
    public PrivateHome()
    {
        Root = Directory.CreateTempSubdirectory("amp-test-").FullName;
        Project = Directory.CreateDirectory(Path.Combine(Root, "project")).FullName;
    }

    /// <summary>The home folder.</summary>
    public string Root { get; }

    /// <summary>An empty folder to work in.</summary>
    public string Project { get; }

    /// <summary>The variables that point a CLI at this home and at nothing of the developer's.</summary>
    public Dictionary<string, string?> Environment() => new()
    {
        ["HOME"] = Root,
        ["USERPROFILE"] = Root,
        ["XDG_CONFIG_HOME"] = Path.Combine(Root, ".config"),
        ["XDG_CACHE_HOME"] = Path.Combine(Root, ".cache"),
        ["XDG_DATA_HOME"] = Path.Combine(Root, ".local", "share"),
        ["XDG_STATE_HOME"] = Path.Combine(Root, ".local", "state"),
        ["PATH"] = SearchPath(),
        ["AMP_API_KEY"] = null,
        ["AMP_CLI_PATH"] = null,
        ["AMP_URL"] = null,
        ["AMP_SETTINGS_FILE"] = null,
    };

    /// <summary>
    /// Gives the home what the real CLIs have said of themselves before the run of the tests, where that is known: their version and their options
    /// cost two starts of a second each, and hundreds of tests have a home of their own.
    /// </summary>
    public PrivateHome WithAnswersOfClis()
    {
        string answers = Path.Combine(RepositoryLayout.Root, "out", "tools", "cli-answers", "amp-sdk-dotnet");
        if (Directory.Exists(answers))
        {
            string cache = Directory.CreateDirectory(Path.Combine(Root, ".cache", "amp-sdk-dotnet")).FullName;
            foreach (string file in Directory.GetFiles(answers, "cli-*.json"))
            {
                File.Copy(file, Path.Combine(cache, Path.GetFileName(file)), overwrite: true);
            }
        }

        return this;
    }

    // Without ripgrep the CLIs' search tools try to download it.
    private static string? SearchPath()
    {
        string? known = System.Environment.GetEnvironmentVariable("PATH");
        return RepositoryLayout.Ripgrep is { } ripgrep ? Path.GetDirectoryName(ripgrep) + Path.PathSeparator + known : known;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (IOException)
        {
            // A process that is just ending may still write here; the system clears its temporary folder.
        }
    }
}
