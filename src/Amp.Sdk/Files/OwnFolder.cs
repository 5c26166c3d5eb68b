namespace Amp.Files;

/// <summary>Creates folders that only the user can access, wherever they are.</summary>
internal static class OwnFolder
{
    /// <summary>Permissions for the owner only.</summary>
    public const UnixFileMode Mode = WholeFile.OwnerOnly | UnixFileMode.UserExecute;

    /// <summary>Creates a folder and its parents. An existing folder is not changed.</summary>
    /// <param name="path">The full path.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The user does not have permission to create it.</exception>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            WindowsAccess.MakeFolder(path);
        }
        else
        {
            Directory.CreateDirectory(path, Mode);
        }
    }
}
