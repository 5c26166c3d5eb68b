using Amp.Files;

namespace Amp.Settings.Editing;

/// <summary>
/// Changes a settings file as a whole or not at all. Several processes may change it at once; each sees what the one before it has written.
/// </summary>
internal static class SettingsWriter
{
    private const string OptionName = nameof(CliOptions.SettingsFile);

    /// <summary>Reads the file, has it changed, and writes it. One that is not there is made, for its owner alone.</summary>
    /// <param name="path">The file; where it is a link, what it leads to is changed.</param>
    /// <param name="edit">Changes the text.</param>
    /// <param name="holdsSecrets">Whether what is written is to be closed to others, even if the file was open to them.</param>
    /// <param name="cancellationToken">Ends the waiting for another process. Nothing is written then.</param>
    /// <exception cref="AmpException">It cannot be read or written. It is as it was.</exception>
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

                // Parsed again, so that no slip of this library's can ever break the user's file.
                SettingsText.Parse(after, target);
                return after;
            },
            cancellationToken);
    }

    private static string Target(string path)
    {
        try
        {
            return File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, exception.Message, exception);
        }
    }

    private static AmpValidationException Unwritable(string path, string reason, Exception? cause) => new(
        $"The settings file '{path}' cannot be changed: {reason}{(cause is null ? "." : string.Empty)}",
        OptionName,
        "Make the file writable, or use another one with SettingsFile.",
        path);
}
