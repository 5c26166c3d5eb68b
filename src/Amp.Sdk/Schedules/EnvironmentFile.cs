using System.Text;
using Amp.Files;

namespace Amp.Schedules;

/// <summary>
/// A file with variables, one <c>NAME=value</c> a line as for systemd, that only its owner can read: it may contain the access token.
/// </summary>
internal static class EnvironmentFile
{
    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string OptionName = "EnvironmentFile";

    private const int LargestFile = 1024 * 1024;

    /// <summary>Reads the variables.</summary>
    /// <param name="path">The full path.</param>
    /// <exception cref="AmpValidationException">The file cannot be read, others can read or change it, or a line is not a variable. No value is in
    /// the message.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        byte[] content;
        try
        {
            using FileStream file = BoundedFile.Open(path);
            RefuseOpen(file, path);
            if (file.Length > LargestFile)
            {
                throw Invalid(path, $"is larger than {LargestFile} bytes");
            }

            content = new byte[file.Length];
            file.ReadExactly(content);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new AmpValidationException($"The file with variables cannot be read: {exception.Message}", OptionName, "Give a file that you can read.", path);
        }

        return Parse(Encoding.UTF8.GetString(content), path);
    }

    /// <summary>Reads the lines of a text. Empty lines and lines that begin with # or ; are ignored; a value may be in quotation marks.</summary>
    /// <exception cref="AmpValidationException">A line is not a variable.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string text, string path)
    {
        Dictionary<string, string> variables = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        int number = 0;
        foreach (string line in text.TrimStart('\uFEFF').Split('\n').Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] is '#' or ';')
            {
                continue;
            }

            int equals = line.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? string.Empty : line[..equals].TrimEnd();
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]))
            {
                throw Invalid(path, $"does not have the form NAME=value in line {number}");
            }

            string value = line[(equals + 1)..].TrimStart();
            bool isQuoted = value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0];
            value = isQuoted ? value[1..^1] : value;
            variables[name] = !value.Contains('\0', StringComparison.Ordinal) ? value : throw Invalid(path, $"has a NUL character in line {number}");
        }

        return variables;
    }

    // Of the opened file, because another one may lie at the path a moment later.
    private static void RefuseOpen(FileStream file, string path)
    {
        if (FileFacts.Of(file.SafeFileHandle) is { IsTrusted: false } facts)
        {
            throw Invalid(path, $"belongs to another user (ID {facts.Owner})");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & OfOthers) is not UnixFileMode.None)
        {
            throw Invalid(path, "can be accessed by other users");
        }

        if (OperatingSystem.IsWindows() && WindowsAccess.OtherUser(file) is string other)
        {
            throw Invalid(path, $"can be read or changed by '{other}'");
        }
    }

    private static AmpValidationException Invalid(string path, string fault) => new(
        $"The file '{path}' {fault}.", OptionName, "Use a file that only you can access, with one NAME=value on each line. To restrict its access, use 'chmod 600' on Linux and macOS, or 'icacls /inheritance:r /grant' on Windows.", path);
}
