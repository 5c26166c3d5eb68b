using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Amp.Schedules;
using Amp.Testing;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>Whom a file with variables may not be open to on Windows.</summary>
[SupportedOSPlatform("windows")]
public sealed class WindowsAccessTests
{
    [Fact]
    public void A_file_that_others_can_read_or_change_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Only Windows has such rights.");
        using PrivateHome home = new();
        FileInfo file = new(Path.Combine(home.Root, "environment"));
        File.WriteAllText(file.FullName, "NAME=value\n");
        using WindowsIdentity own = WindowsIdentity.GetCurrent();
        SecurityIdentifier everybody = new(WellKnownSidType.WorldSid, null);
        FileSecurity access = new();
        access.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        access.AddAccessRule(new FileSystemAccessRule(own.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        file.SetAccessControl(access);
        Assert.Equal("value", EnvironmentFile.Read(file.FullName)["NAME"]);
        foreach (FileSystemRights rights in (FileSystemRights[])[FileSystemRights.ReadData, FileSystemRights.WriteData, FileSystemRights.AppendData, FileSystemRights.Delete, FileSystemRights.ChangePermissions, FileSystemRights.TakeOwnership])
        {
            FileSystemAccessRule rule = new(everybody, rights, AccessControlType.Allow);
            access.AddAccessRule(rule);
            file.SetAccessControl(access);
            Assert.Contains(everybody.Value, Assert.Throws<AmpValidationException>(() => EnvironmentFile.Read(file.FullName)).Message, StringComparison.Ordinal);
            access.RemoveAccessRule(rule);
        }
    }
}
