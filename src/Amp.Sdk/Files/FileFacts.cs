using System.Runtime.InteropServices;

namespace Amp.Files;

/// <summary>
/// Metadata of a file that .NET does not provide: its type, its owner, the number of its names, and whether two files are the same.
/// </summary>
/// <param name="Mode">The type and the permissions, as in <c>st_mode</c>.</param>
/// <param name="Owner">The user ID of the owner.</param>
/// <param name="Links">The number of names (hard links).</param>
/// <param name="Number">The inode number on the device.</param>
/// <param name="Device">The device.</param>
internal readonly record struct FileFacts(int Mode, uint Owner, uint Links, ulong Number, ulong Device)
{
    private const int TypeMask = 0xF000;
    private const int Regular = 0x8000;
    private const int Folder = 0x4000;
    private const int Permissions = 0xFFF;
    private const int OwnerOnly = 0x1C0;
    private const int Sticky = 0x200;
    private const int WritableByOthers = 0x12;
    private const int WritableByAll = 0x2;

    private const int FromCurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int ThisHandle = 0x1000;
    private const int Basic = 0x7FF;

    /// <summary>Whether it is a regular file, and not a folder, pipe, socket or device.</summary>
    public bool IsRegular => (Mode & TypeMask) == Regular;

    /// <summary>Whether it is a folder, and not a link to one.</summary>
    public bool IsFolder => (Mode & TypeMask) == Folder;

    /// <summary>Whether it is a folder of this user that no other user can access.</summary>
    public bool IsPrivateFolder => IsFolder && (Mode & Permissions) == OwnerOnly && IsOwn;

    /// <summary>Whether it belongs to this user.</summary>
    public bool IsOwn => Owner == EffectiveUser;

    /// <summary>Returns whether two files are the same one.</summary>
    public bool IsSameFile(FileFacts other) => (Number, Device) == (other.Number, other.Device);

    /// <summary>Whether it belongs to this user, or to root, who has all of this user's rights anyway.</summary>
    public bool IsTrusted => IsOwn || Owner == 0;

    /// <summary>Whether no other user can replace entries of this folder.</summary>
    public bool KeepsItsEntries => IsFolder && IsTrusted && ((Mode & WritableByOthers) == 0 || (Mode & Sticky) != 0);

    /// <summary>Whether every user can replace entries of this folder.</summary>
    public bool IsOpenToAll => (Mode & WritableByAll) != 0 && (Mode & Sticky) == 0;

    /// <summary>The effective user of this process.</summary>
    public static uint EffectiveUser { get; } = OperatingSystem.IsLinux() ? NativeUser() : 0;

    /// <summary>Gets the metadata of an open file; null if it is not available (on systems other than Linux).</summary>
    /// <exception cref="IOException">The system returned an error.</exception>
    public static FileFacts? Of(SafeHandle handle)
    {
        bool isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
            return Ask((int)handle.DangerousGetHandle(), string.Empty, ThisHandle);
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>
    /// Gets the metadata of a path, without following a link; null if nothing exists there, or on systems other than Linux.
    /// </summary>
    public static FileFacts? OfPath(string path)
    {
        try
        {
            return Ask(FromCurrentFolder, path, NoFollow);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // By number, because the C library of some systems does not have the function.
    private static FileFacts? Ask(int folder, string path, int flags)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        int number = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => 332,
            Architecture.Arm64 => 291,
            Architecture.Arm => 397,
            _ => -1,
        };
        if (number < 0)
        {
            return null;
        }

        byte[] answer = new byte[256];
        if (NativeCall(number, folder, path, flags, Basic, answer) != 0)
        {
            throw new IOException(Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        }

        // The kernel's struct statx, which is the same on all processors.
        return new FileFacts(
            BitConverter.ToUInt16(answer, 28),
            BitConverter.ToUInt32(answer, 20),
            BitConverter.ToUInt32(answer, 16),
            BitConverter.ToUInt64(answer, 32),
            BitConverter.ToUInt64(answer, 136));
    }

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint NativeCall(
        nint number, nint folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint flags, nint mask, byte[] answer);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint NativeUser();
}
