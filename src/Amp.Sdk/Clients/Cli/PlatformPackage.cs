using System.Globalization;
using System.Runtime.InteropServices;
using Amp.Cli;
using Amp.Json;

namespace Amp.Clients.Cli;

/// <summary>The npm package that contains the native CLI for one system, for example <c>@ampcode/cli-linux-x64</c>.</summary>
internal static class PlatformPackage
{
    /// <summary>The name of the package for this system, as listed in <c>@ampcode/cli</c> 0.0.1790712063-gb89205.</summary>
    public static string Name { get; } =
        $"@ampcode/cli-{(OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{Architecture}";

    private static string Architecture => RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x64";

    /// <summary>
    /// Gets the latest version that has a program for this system; null if npm names none. Not every version of <c>@ampcode/cli</c> has
    /// one: 0.0.1790179256-g22a153 and 0.0.1790712063-gb89205 have none for Linux, the version before them has one.
    /// </summary>
    /// <exception cref="AmpTimeoutException">npm exceeded the time limit.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public static async Task<string?> NewestVersionAsync(
        CliProgram npm, IReadOnlyDictionary<string, string> environment, string workingDirectory, TimeSpan limit, CancellationToken cancellationToken)
    {
        string[] arguments = ["view", Name, "versions", "--json", "--no-update-notifier", "--loglevel=error", "--fetch-retries=1"];
        CliAnswer answer = await CliCommand.RunAsync(npm, arguments, environment, workingDirectory, limit, cancellationToken).ConfigureAwait(false);
        return answer.Exit.IsSuccess ? Versions(answer.Output).MaxBy(TimeOf) : null;
    }

    // npm writes a list, or a single version as a string.
    private static IEnumerable<string> Versions(string json)
    {
        object? value = JsonValue.ParseOrNull(json);
        return (value as object?[] ?? [value]).OfType<string>().Where(CliInstaller.IsWholeVersion);
    }

    private static long TimeOf(string version) => long.Parse(version.Split('.', '-')[2], CultureInfo.InvariantCulture);
}
