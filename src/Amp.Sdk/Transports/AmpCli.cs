using System.Globalization;
using System.Text.RegularExpressions;

namespace Amp;

/// <summary>An Amp CLI that was found and whose version and features are known.</summary>
public sealed partial class AmpCli
{
    internal AmpCli(CliProgram program, string version, DateTimeOffset? releaseDate, CliCapabilities capabilities)
    {
        Program = program;
        Version = version;
        BuildTime = long.TryParse(version.Split('.', '-')[2], NumberStyles.None, CultureInfo.InvariantCulture, out long time) ? time : 0;
        ReleaseDate = releaseDate;
        Capabilities = capabilities;
    }

    /// <summary>The path where the file was found.</summary>
    public string Path => Program.Path;

    /// <summary>The version: <c>0.0.</c>, the Unix time of the build, and the commit: <c>0.0.1774310664-gcb98ac</c>.</summary>
    public string Version { get; }

    /// <summary>The release date, which is part of the version.</summary>
    public DateTimeOffset? ReleaseDate { get; }

    /// <summary>The Unix time of the build, which is part of the version.</summary>
    internal long BuildTime { get; }

    /// <summary>The kind of program.</summary>
    public CliForm Form => Program.Form;

    /// <summary>The place where it was found.</summary>
    public CliSource Source => Program.Source;

    /// <summary>The program to start and, for a Node CLI, its JavaScript file.</summary>
    public CliProgram Program { get; }

    /// <summary>The features of the CLI.</summary>
    public CliCapabilities Capabilities { get; }

    /// <inheritdoc cref="CliCapabilities.Modes"/>
    public IReadOnlyList<string> Modes => Capabilities.Modes;

    /// <inheritdoc cref="CliCapabilities.Visibilities"/>
    public IReadOnlyList<string> Visibilities => Capabilities.Visibilities;

    /// <inheritdoc cref="CliCapabilities.Features"/>
    public IReadOnlyList<CliFeature> Features => Capabilities.Features;

    /// <inheritdoc cref="CliCapabilities.Options"/>
    public IReadOnlyList<string> Options => Capabilities.Options;

    /// <inheritdoc cref="CliCapabilities.Commands"/>
    public IReadOnlyList<string> Commands => Capabilities.Commands;

    /// <summary>Returns the path and the version.</summary>
    public override string ToString() => $"{Path} {Version}";

    /// <summary>Parses the output of <c>--version</c>; null if it is not that of the Amp CLI.</summary>
    internal static (string Version, DateTimeOffset? ReleaseDate)? ReadVersion(string output)
    {
        Match match = VersionPattern().Match(TerminalText.Strip(output));
        if (!match.Success)
        {
            return null;
        }

        // Builds of 2026 include the date in words. The number in the version is the same time, to a few minutes.
        DateTimeOffset? date = DateTimeOffset.TryParse(
            match.Groups["date"].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset written)
            ? written
            : long.TryParse(match.Groups["time"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
                && seconds is > 0 and < 253402300800
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
        return (match.Groups["version"].Value, date);
    }

    [GeneratedRegex(@"^\s*(?<version>0\.0\.(?<time>[0-9]+)-g[0-9a-f]+)\b(?:.*?released (?<date>[0-9T:.Z+-]+))?", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
