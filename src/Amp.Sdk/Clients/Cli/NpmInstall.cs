using System.Diagnostics;
using Amp.Cli;
using Amp.Text;

namespace Amp.Clients.Cli;

/// <summary>Installs versions of the CLI with npm into a folder that contains nothing else. All commands together have one time limit.</summary>
/// <param name="npm">The program.</param>
/// <param name="folder">The folder. It exists.</param>
/// <param name="environment">The variables of npm.</param>
/// <param name="redactor">Removes secrets from the output of npm.</param>
/// <param name="limit">The time limit; null or zero for none.</param>
internal sealed class NpmInstall(CliProgram npm, string folder, Dictionary<string, string> environment, SecretRedactor redactor, TimeSpan? limit)
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    private TimeSpan Left => limit is not { Ticks: > 0 } timeout ? Timeout.InfiniteTimeSpan
        : timeout > _watch.Elapsed ? timeout - _watch.Elapsed
        : TimeSpan.FromMilliseconds(1);

    /// <summary>Installs a version.</summary>
    /// <param name="version">The version, or a tag such as <c>latest</c>.</param>
    /// <param name="cancellationToken">Stops npm.</param>
    /// <exception cref="AmpException">npm failed, or exceeded the time limit.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public async Task RunAsync(string version, CancellationToken cancellationToken)
    {
        string package = CliInstaller.PackageOf(version);
        string[] arguments =
        [
            "install", "--prefix", folder, "--global=false", "--ignore-scripts", "--include=optional", "--package-lock=false",
            "--no-audit", "--no-fund", "--no-update-notifier", "--no-progress", "--loglevel=error",
            "--fetch-retries=1", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000", $"{package}@{version}",
        ];

        // In the folder itself, so that an .npmrc of the user's project cannot change the source of programs.
        CliAnswer answer = await CliCommand.RunAsync(npm, arguments, environment, folder, Left, cancellationToken).ConfigureAwait(false);
        if (!answer.Exit.IsSuccess)
        {
            throw NpmFailure.Of(package, version, answer, redactor);
        }
    }

    /// <inheritdoc cref="PlatformPackage.NewestVersionAsync"/>
    public Task<string?> NewestVersionAsync(CancellationToken cancellationToken) =>
        PlatformPackage.NewestVersionAsync(npm, environment, folder, Left, cancellationToken);
}
