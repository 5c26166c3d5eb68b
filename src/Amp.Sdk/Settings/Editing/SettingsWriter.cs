using Amp.Files;

namespace Amp.Settings.Editing;

/// <summary>
/// Changes a settings file completely or not at all. Several processes can change it at the same time; each sees the previous changes.
/// </summary>
internal static class SettingsWriter
{
    private const string OptionName = nameof(CliOptions.SettingsFile);

    /// <summary>Reads the file, has it changed, and writes it. A new file is created with access only for its owner.</summary>
    /// <param name="path">The file. If it is a link, its target is changed.</param>
    /// <param name="edit">Changes the text.</param>
    /// <param name="holdsSecrets">Whether other users lose access to the file, even if it was accessible before.</param>
    /// <param name="cancellationToken">Cancels the wait for another process. Nothing is written then.</param>
    /// <exception cref="AmpException">The file cannot be read or written. It is unchanged.</exception>
    public static void Change(string path, Action<SettingsText> edit, bool holdsSecrets, CancellationToken cancellationToken)
    {
        string target = Target(path);
        FileChange file = new(target, (reason, cause) => Unwritable(path, reason, cause)) { ClosesFile = holdsSecrets };
        file.Apply(
            before =>
            {
                SettingsText text = SettingsText.Parse(before ?? "{\n}\n"u8.ToArray(), target);
                edit(text);
                byte[] after = text.ToBytes();

                // Parsed again, so that an error in this library cannot break the user's file.
                SettingsText.Parse(after, target);
                return after;
            },
            cancellationToken);
    }

    private static string Target(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget is null ? path : RealPath.Of(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, exception.Message, exception);
        }
    }

    private static AmpValidationException Unwritable(string path, string reason, Exception? cause) => new(
        $"The settings file '{path}' cannot be changed: {reason}{(cause is null ? "." : string.Empty)}",
        OptionName,
        "Make the file writable, or use another one with CliOptions.SettingsFile.",
        path);
}
