using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Amp.Cli;
using Amp.Clients.Cli;
using Amp.Files;
using Amp.Options;
using Amp.Text;

namespace Amp;

/// <summary>Installs the Amp CLI from npm into a folder. If the installation fails, the previous one is not changed.</summary>
public sealed partial class CliInstaller
{
    // The package was renamed in July 2026. Earlier versions exist only under the earlier name.
    private const string Package = "@ampcode/cli";
    private const string EarlierPackage = "@sourcegraph/amp";
    private const long FirstOfPackage = 1782864000;

    private readonly CliInstallOptions _options;

    /// <summary>Creates an installer.</summary>
    /// <param name="options">What to install, and where; null for the latest version in the user's own folder.</param>
    public CliInstaller(CliInstallOptions? options = null) => _options = options ?? new CliInstallOptions();

    /// <summary>
    /// Installs a version. Package scripts are not run: the package for a platform contains the complete native CLI, and the Node CLIs
    /// require no scripts. If a tag such as <c>latest</c> points to a version without a program for this system, the latest version that
    /// has one is installed, and <see cref="CliInstallation.PassedOverVersion"/> names the other version.
    /// </summary>
    /// <exception cref="AmpValidationException">The version or the folder cannot be used.</exception>
    /// <exception cref="AmpCliNotFoundException">npm was not found, or the installed program is not an Amp CLI that runs on this
    /// system.</exception>
    /// <exception cref="AmpTimeoutException">npm, or another installation into the same folder, exceeded the time limit.</exception>
    /// <exception cref="AmpProcessException">npm could not reach its registry, or failed.</exception>
    /// <exception cref="AmpCanceledException">The token was canceled.</exception>
    public async Task<CliInstallation> InstallAsync(CancellationToken cancellationToken = default)
    {
        CliInstallOptions options = _options;
        CheckVersion(options.Version);
        Dictionary<string, string> environment = RunEnvironment.Build(options.Environment);
        SecretRedactor redactor = new(environment, []);
        environment.Remove("AMP_API_KEY");
        InstallFolder folder = new(FolderOf(options, environment));
        folder.RefuseForeign(options.Version);
        try
        {
            // Of two installations at once, each would remove the version of the other.
            using IDisposable alone = await folder.LockAsync(options.Timeout, cancellationToken).ConfigureAwait(false);
            string? previous = folder.CurrentVersion();
            (AmpCli cli, string program, string? passedOver) = await ExistingAsync(folder, options.Version, environment, cancellationToken).ConfigureAwait(false)
                ?? await DownloadAsync(folder, options, environment, redactor, cancellationToken).ConfigureAwait(false);
            folder.LeadTo(program);
            folder.RemoveAllBut(cli.Version, previous);
            return Describe(cli, folder, previous, environment) with { PassedOverVersion = passedOver };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException(
                $"The CLI could not be installed into '{folder.Root}': {exception.Message}",
                nameof(CliInstallOptions.Folder),
                "Give a folder that can be written to.",
                folder.Root);
        }
    }

    /// <summary>Gets the package that contains a version.</summary>
    internal static string PackageOf(string version) =>
        VersionPattern().Match(version) is { Success: true } match
        && long.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture) < FirstOfPackage ? EarlierPackage : Package;

    /// <summary>Returns whether the text is a full version as in the packages, and not a tag.</summary>
    internal static bool IsWholeVersion(string version) => VersionPattern().IsMatch(version);

    /// <exception cref="AmpValidationException">The text is not a version or tag.</exception>
    internal static void CheckVersion(string version)
    {
        // npm would also accept a path or a URL.
        if (!TagPattern().IsMatch(version))
        {
            throw new AmpValidationException(
                $"'{TerminalText.Strip(version)}' is not a valid version of the CLI.",
                nameof(CliInstallOptions.Version),
                "Give 'latest', or a whole version such as 0.0.1774310664-gcb98ac.",
                version);
        }
    }

    private static string FolderOf(CliInstallOptions options, Dictionary<string, string> environment) =>
        options.Folder is { Length: > 0 } given
            ? Path.GetFullPath(given)
            : InstallFolder.Default(environment) ?? throw new AmpValidationException(
                "No home folder was found to install into.", nameof(CliInstallOptions.Folder), "Give a folder.");

    private static async Task<(AmpCli Cli, string Program, string? PassedOver)?> ExistingAsync(
        InstallFolder folder, string version, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (!IsWholeVersion(version) || ProgramIn(folder.VersionFolder(version)) is not string program)
        {
            return null;
        }

        folder.RefuseForeign(version);
        try
        {
            AmpCli cli = await AskAsync(program, folder.Root, environment, cancellationToken).ConfigureAwait(false);
            if (cli.Version == version)
            {
                return (cli, program, null);
            }
        }
        catch (AmpCliNotFoundException)
        {
            // It does not run.
        }

        // The folder is damaged, so the version is installed again.
        return null;
    }

    private static async Task<(AmpCli Cli, string Program, string? PassedOver)> DownloadAsync(
        InstallFolder folder,
        CliInstallOptions options,
        Dictionary<string, string> environment,
        SecretRedactor redactor,
        CancellationToken cancellationToken)
    {
        CliProgram npm = NpmProgram.Find(Locator(folder.Root, environment));
        string version = options.Version;
        string? passedOver = null;
        string staging = folder.OpenStaging();
        NpmInstall install = new(npm, staging, environment, redactor, options.Timeout);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(staging, "package.json"), "{\"private\":true}", cancellationToken).ConfigureAwait(false);
            await install.RunAsync(version, cancellationToken).ConfigureAwait(false);
            if (ProgramIn(staging) is null)
            {
                passedOver = StagedVersion(staging) ?? version;
                string? newest = await install.NewestVersionAsync(cancellationToken).ConfigureAwait(false);
                if (newest is null || newest == passedOver || IsWholeVersion(version))
                {
                    throw WithoutProgram(PackageOf(version), passedOver, newest);
                }

                if (await ExistingAsync(folder, newest, environment, cancellationToken).ConfigureAwait(false) is { } existing)
                {
                    return existing with { PassedOver = passedOver };
                }

                version = newest;
                await install.RunAsync(version, cancellationToken).ConfigureAwait(false);
            }

            string staged = ProgramIn(staging) ?? throw WithoutProgram(PackageOf(version), version, null);
            AmpCli cli = await AskAsync(staged, staging, environment, cancellationToken).ConfigureAwait(false);
            if (IsWholeVersion(version) && cli.Version != version)
            {
                throw new AmpCliNotFoundException(
                    $"npm installed {version}, but the program reports {cli.Version}.", "Check npm's configuration: another registry may be set.");
            }

            // A tag often points to the version that is installed, and a program of it may be running.
            if (await ExistingAsync(folder, cli.Version, environment, cancellationToken).ConfigureAwait(false) is { } same)
            {
                return same with { PassedOver = passedOver };
            }

            folder.Place(staging, cli.Version);
            string program = Path.Combine(folder.VersionFolder(cli.Version), Path.GetRelativePath(staging, staged));
            return (await AskAsync(program, folder.Root, environment, cancellationToken).ConfigureAwait(false), program, passedOver);
        }
        catch (OperationCanceledException)
        {
            throw new AmpCanceledException(cancellationToken);
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                InstallFolder.TryDelete(staging);
            }
        }
    }

    private static AmpCliNotFoundException WithoutProgram(string package, string version, string? newest) => new(
        $"npm installed the package {package} {version} without a program. The program does not exist for this system, or is not in npm's registry yet.",
        newest is not null && newest != version
            ? $"Give {newest}, the newest version that has a program for this system."
            : "Give an earlier version, or try again later. The manual lists the supported systems.");

    // The version that a tag points to.
    private static string? StagedVersion(string staging)
    {
        string manifest = Path.Combine(staging, "node_modules", "@ampcode", "cli", "package.json");
        try
        {
            using JsonDocument document = JsonDocument.Parse(BoundedFile.ReadText(manifest));
            return document.RootElement.GetProperty("version").GetString() is string version && IsWholeVersion(version) ? version : null;
        }
        catch (Exception exception) when (exception is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    // The file "amp.exe" of @ampcode/cli itself is a placeholder that an install script replaces.
    private static string? ProgramIn(string folder)
    {
        string modules = Path.Combine(folder, "node_modules");
        string platforms = Path.Combine(modules, "@ampcode");
        string[] candidates =
        [
            .. Directory.Exists(platforms)
                ? Directory.GetDirectories(platforms, "cli-*").Select(platform => Path.Combine(platform, OperatingSystem.IsWindows() ? "amp.exe" : "amp"))
                : [],
            Path.Combine(modules, "@sourcegraph", "amp", "dist", "main.js"),
        ];
        return candidates.FirstOrDefault(File.Exists);
    }

    private static Task<AmpCli> AskAsync(
        string program, string workingDirectory, Dictionary<string, string> environment, CancellationToken cancellationToken) =>
        CliProbe.AskAsync(Locator(workingDirectory, environment).Find(program), environment, workingDirectory, cancellationToken);

    // Not from the folder of the installation, because folders of PATH below the working directory count as a project.
    private static CliLocator Locator(string folder, Dictionary<string, string> environment) => new(environment, Path.GetPathRoot(folder)!);

    private static CliInstallation Describe(AmpCli cli, InstallFolder folder, string? previous, Dictionary<string, string> environment)
    {
        string? found = null;
        try
        {
            found = Locator(folder.Root, environment).Find(null).Path;
        }
        catch (AmpCliNotFoundException)
        {
            // The advice describes how.
        }

        bool isFound = found == folder.Entry;
        return new CliInstallation
        {
            Cli = cli,
            Path = folder.Entry,
            PreviousVersion = previous == cli.Version ? null : previous,
            IsFound = isFound,
            RecommendedAction = isFound
                ? null
                : (found is null ? "It is not on PATH" : $"'{found}' is found before it")
                    + $": set AMP_CLI_PATH to '{folder.Entry}', give that path with CliOptions.CliPath, or put its folder first in PATH.",
        };
    }

    [GeneratedRegex(@"\A0\.0\.(?<time>[0-9]{1,12})-g[0-9a-f]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\A[0-9A-Za-z][0-9A-Za-z.+-]{0,99}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TagPattern();
}
