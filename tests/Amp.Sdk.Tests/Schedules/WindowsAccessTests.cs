using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Amp.Files;
using Amp.Processes;
using Amp.Schedules;
using Amp.Testing;

namespace Amp.Sdk.Tests.Schedules;

/// <summary>Whom a file with variables, and a folder of the user's own, may not be open to on Windows.</summary>
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

    [Fact]
    public void A_folder_of_the_users_own_gets_nothing_from_the_one_above_it()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Only Windows has such rights.");
        using PrivateHome home = new();
        DirectoryInfo open = Directory.CreateDirectory(Path.Combine(home.Root, "open"));
        DirectorySecurity access = open.GetAccessControl();
        access.AddAccessRule(new FileSystemAccessRule(
            new SecurityIdentifier(WellKnownSidType.WorldSid, null), FileSystemRights.Modify, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
        open.SetAccessControl(access);
        Assert.NotNull(WindowsAccess.OtherUser(open));

        string path = Path.Combine(open.FullName, "own");
        OwnFolder.Make(path);
        Assert.Null(WindowsAccess.OtherUser(new DirectoryInfo(path)));
        string file = Path.Combine(path, "file");
        File.WriteAllText(file, "text");
        using FileStream stream = File.OpenRead(file);
        Assert.Null(WindowsAccess.OtherUser(stream));

        // One that is there stays as it is.
        OwnFolder.Make(open.FullName);
        Assert.NotNull(WindowsAccess.OtherUser(open));
    }

    [Fact]
    public void A_folder_whose_rights_cannot_be_read_does_not_keep_others_from_being_swept()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Only Windows has such rights.");
        using PrivateHome home = new();
        DirectoryInfo closed = new(Leftover("AA"));
        string own = Leftover("BB");

        // Without rights for it, an owner could always read them.
        DirectorySecurity access = new();
        access.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        access.AddAccessRule(new FileSystemAccessRule(
            new SecurityIdentifier("S-1-3-4"), FileSystemRights.ListDirectory | FileSystemRights.ReadAttributes | FileSystemRights.Delete, AccessControlType.Allow));
        closed.SetAccessControl(access);
        Assert.Throws<UnauthorizedAccessException>(() => closed.GetAccessControl());

        PrivateFolder.SweepLeftovers(home.Root);
        Assert.True(Directory.Exists(closed.FullName));
        Assert.False(Directory.Exists(own));

        string Leftover(string random)
        {
            string path = Path.Combine(home.Root, $"amp-sdk-{int.MaxValue}-1-{ProcessIdentity.Current.Space}-{random}");
            OwnFolder.Make(path);
            return path;
        }
    }
}
