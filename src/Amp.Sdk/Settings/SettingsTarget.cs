using Amp.Options;

namespace Amp.Settings;

/// <summary>Determines which settings file is changed, without asking a CLI.</summary>
internal static class SettingsTarget
{
    /// <summary>Gets the file that the CLI would change. It may not exist.</summary>
    /// <exception cref="AmpValidationException">The user has no home folder, or the working directory does not exist.</exception>
    public static string Of(CliOptions? options, SettingsScope scope)
    {
        options ??= new CliOptions();
        string workingDirectory = OptionChecks.WorkingDirectory(options);
        if (scope == SettingsScope.Workspace)
        {
            return SettingsLocation.WorkspaceFile(workingDirectory);
        }

        if (options.SettingsFile is string given)
        {
            return Path.GetFullPath(given);
        }

        return SettingsLocation.OfUser(RunEnvironment.Build(options.Environment), workingDirectory)
            ?? throw new AmpValidationException(
                "No settings file can be located: neither HOME nor XDG_CONFIG_HOME is set.",
                nameof(CliOptions.SettingsFile),
                "Set one of them, or give a settings file.");
    }
}
