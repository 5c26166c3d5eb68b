using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Amp.Files;

/// <summary>Who can read or change a file or a folder on Windows.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsAccess
{
    // Who can change the permissions or the owner can get the other rights, too.
    private const FileSystemRights OfOwner = FileSystemRights.ReadData | FileSystemRights.WriteData | FileSystemRights.AppendData | FileSystemRights.Delete
        | FileSystemRights.DeleteSubdirectoriesAndFiles | FileSystemRights.ChangePermissions | FileSystemRights.TakeOwnership;

    /// <summary>Gets the security identifier of the user.</summary>
    public static string? UserId()
    {
        using WindowsIdentity own = WindowsIdentity.GetCurrent();
        return own.User?.Value;
    }

    /// <summary>
    /// Gets an account that can read or change a file and is not the user, the system or the administrators, who can do everything; null if there is none.
    /// </summary>
    public static string? OtherUser(FileStream file) => OtherUser(file.GetAccessControl());

    /// <summary>Gets the same for a folder.</summary>
    public static string? OtherUser(DirectoryInfo folder)
    {
        try
        {
            return OtherUser(folder.GetAccessControl());
        }
        catch (NotSupportedException)
        {
            // A file system without such rights, such as FAT: everybody has all of them.
            return new SecurityIdentifier(WellKnownSidType.WorldSid, null).Value;
        }
    }

    /// <summary>
    /// Creates a folder with the parents that it lacks. It gets nothing from the folder above it: below a folder outside of the profile, other users could read
    /// and replace what is in it.
    /// </summary>
    public static void MakeFolder(string path)
    {
        using WindowsIdentity own = WindowsIdentity.GetCurrent();
        DirectorySecurity access = new();
        access.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        foreach (SecurityIdentifier who in Trusted(own))
        {
            access.AddAccessRule(new FileSystemAccessRule(
                who, FileSystemRights.FullControl, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
        }

        new DirectoryInfo(path).Create(access);
    }

    // The user, and the system and the administrators, who can do everything.
    private static SecurityIdentifier[] Trusted(WindowsIdentity own) =>
        [own.User!, new(WellKnownSidType.LocalSystemSid, null), new(WellKnownSidType.BuiltinAdministratorsSid, null)];

    private static string? OtherUser(FileSystemSecurity access)
    {
        using WindowsIdentity own = WindowsIdentity.GetCurrent();
        SecurityIdentifier[] trusted = [.. Trusted(own), new(WellKnownSidType.CreatorOwnerSid, null)];
        foreach (FileSystemAccessRule rule in access.GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier)))
        {
            if (rule.AccessControlType == AccessControlType.Allow && (rule.FileSystemRights & OfOwner) != 0
                && !trusted.Contains((SecurityIdentifier)rule.IdentityReference))
            {
                return rule.IdentityReference.Value;
            }
        }

        return null;
    }
}
