using Amp.Files;

namespace Amp.Schedules;

/// <summary>A lock that its process holds until it ends, in whatever way.</summary>
internal static class ScheduleLock
{
    /// <summary>Takes a lock.</summary>
    /// <exception cref="IOException">Another process holds it, or the file cannot be created.</exception>
    public static FileStream Take(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = WholeFile.OwnerOnly;
        }

        return new FileStream(path, options);
    }
}
