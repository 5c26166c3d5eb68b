using Amp.Options;

namespace Amp.Settings;

/// <summary>Tells which file a change of the settings is about, without asking a CLI.</summary>
internal static class SettingsTarget
{
    /// <summary>The file that the CLI would change; it need not be there.</summary>
    /// <exception cref="AmpValidationException">The user has no home, or the working directory is not there.</exception>
    public static string Of(CliOptions? options, SettingsScope scope)
    {
        options ??= new CliOptions();
        string workingDirectory = OptionChecks.WorkingDirectory(new AmpOptions { WorkingDirectory = options.WorkingDirectory });
        if (scope == SettingsScope.Workspace)
        {
            return SettingsLocation.WorkspaceFile(workingDirectory);
        }

        if (options.SettingsFile is string given)
        {
            return Path.GetFullPath(given);
        }

        // The CLI reads a relative path of its variable from the folder that it runs in.
        string? file = SettingsLocation.OfUser(RunEnvironment.Build(options.Environment));
        return file is null
            ? throw new AmpValidationException(
                "No settings file can be located: neither HOME nor XDG_CONFIG_HOME is set.",
                nameof(CliOptions.SettingsFile),
                "Set one of them, or give a settings file.")
            : Path.GetFullPath(file, workingDirectory);
    }
}
