namespace Amp;

/// <summary>Where a CLI was found; the order of the values is the order in which it is looked for.</summary>
public enum CliSource
{
    /// <summary>The path that the caller gave.</summary>
    Explicit,

    /// <summary>The environment variable <c>AMP_CLI_PATH</c>.</summary>
    EnvironmentVariable,

    /// <summary>A folder of <c>PATH</c>.</summary>
    SearchPath,

    /// <summary>One of the folders in the user's home in which installers put the CLI.</summary>
    HomeFolder,
}
