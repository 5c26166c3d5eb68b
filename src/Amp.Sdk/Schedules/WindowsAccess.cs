using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace Amp.Schedules;

/// <summary>Who can read or change a file on Windows.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsAccess
{
    // Who can change the permissions or the owner can get the other rights, too.
    private const FileSystemRights OfOwner = FileSystemRights.ReadData | FileSystemRights.WriteData | FileSystemRights.AppendData | FileSystemRights.Delete
        | FileSystemRights.ChangePermissions | FileSystemRights.TakeOwnership;

    /// <summary>
    /// Gets an account that can read or change a file and is not the user, the system or the administrators, who can do everything; null if there is none.
    /// </summary>
    public static string? OtherUser(FileStream file)
    {
        using WindowsIdentity own = WindowsIdentity.GetCurrent();
        SecurityIdentifier?[] trusted =
        [
            own.User, new(WellKnownSidType.LocalSystemSid, null), new(WellKnownSidType.BuiltinAdministratorsSid, null), new(WellKnownSidType.CreatorOwnerSid, null),
        ];
        foreach (FileSystemAccessRule rule in file.GetAccessControl().GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier)))
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
