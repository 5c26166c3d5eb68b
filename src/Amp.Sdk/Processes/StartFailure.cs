using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Amp.Processes;

/// <summary>
/// Explains why the system could not start a process: usually the program, but also the folder, the variables or a limit of the system.
/// </summary>
internal static class StartFailure
{
    // Codes of Linux and macOS. Those that differ between them are not included.
    private const int ArgumentListTooLong = 7;
    private const int OutOfMemory = 12;
    private const int PermissionDenied = 13;
    private const int TooManyFilesInSystem = 23;
    private const int TooManyFiles = 24;
    private const int ExecuteAccess = 1;
    private const int MostNamed = 3;

    // A code of Windows: the working directory cannot be used.
    private const int InvalidFolder = 267;

    private static readonly int s_tryAgain = OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>Creates the exception for the system's error.</summary>
    public static AmpException Of(ProcessCommand command, Win32Exception exception, bool? isWindows = null) => isWindows ?? OperatingSystem.IsWindows()
        ? exception.NativeErrorCode == InvalidFolder ? Folder(command, exception) : Program(command, exception)
        : exception.NativeErrorCode switch
        {
            ArgumentListTooLong => TooLong(command),
            PermissionDenied when !MayEnter(command.WorkingDirectory) => Folder(command, exception),
            TooManyFiles or TooManyFilesInSystem => Limit(
                "open files", "ulimit -n", exception),
            OutOfMemory => Limit("memory", "ulimit -v", exception),
            int code when code == s_tryAgain => Limit("processes", "ulimit -u", exception),
            _ => Program(command, exception),
        };

    private static AmpValidationException Folder(ProcessCommand command, Win32Exception exception) => new(
        $"The working directory '{command.WorkingDirectory}' cannot be accessed: {exception.Message}",
        AmpOptionName.WorkingDirectory,
        "Give a folder that this user can access, or change its permissions.",
        command.WorkingDirectory);

    private static AmpCliNotFoundException Program(ProcessCommand command, Win32Exception exception) => new(
        $"'{command.FileName}' cannot be started: {exception.Message}",
        "Check that the file is a complete program for this system and is executable.",
        command.FileName,
        exception);

    private static AmpProcessException Limit(string what, string command, Win32Exception exception) => new(
        $"The system cannot start another process: its limit on {what} is reached ({exception.Message}).",
        AmpErrorId.CliFailed,
        $"Raise the limit ({command}), or start fewer runs at the same time.",
        exception);

    // Only names, because any value can be a secret.
    private static AmpValidationException TooLong(ProcessCommand command)
    {
        (string Name, int Length)[] variables =
        [
            .. command.Environment.Select(variable => (variable.Key, Encoding.UTF8.GetByteCount(variable.Value))).OrderByDescending(variable => variable.Item2),
        ];
        string largest = string.Join(", ", variables.Take(MostNamed).Select(variable => $"{variable.Name} ({Size(variable.Length)})"));
        return new AmpValidationException(
            $"The environment variables and arguments are too long for the system. The largest of {variables.Length} variables are {largest}.",
            AmpOptionName.Environment,
            "To remove the largest one for the run, set it to null in AmpOptions.Environment, or put its value in a file. On Linux, one variable can have 128 KiB.");
    }

    private static string Size(int bytes) => string.Create(
        CultureInfo.InvariantCulture, $"{(bytes < 1024 ? bytes : bytes / 1024)} {(bytes < 1024 ? "bytes" : "KiB")}");

    private static bool MayEnter(string folder) => NativeAccess(Encoding.UTF8.GetBytes(folder + '\0'), ExecuteAccess) == 0;

    [DllImport("libc", EntryPoint = "access", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeAccess(byte[] path, int mode);
}
