#Requires -Version 7.4

BeforeDiscovery {
    $missing = -not ($IsLinux -and [System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture -eq 'X64') ? ' (not run: the test publishes for Linux on x64)'
    : -not (Get-Command clang -CommandType Application -ErrorAction Ignore) ? ' (not run: clang is not on PATH; install clang and zlib1g-dev)' : ''
}

Describe "The native example$missing" -Skip:([bool] $missing) {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
        $layout = Get-AmpTestLayout
        $folder = Join-Path $TestDrive 'native'
        # The library was built before. A warning of the trimmer or of the native compiler is an error; faster code would take it minutes, and find no other warnings.
        $log = & dotnet publish (Join-Path $layout.Root 'examples/SdkNative') -c Release -r linux-x64 -o $folder --nologo -v q '-p:BuildProjectReferences=false' '-p:NativeDebugSymbols=false' '-p:IlcTreatWarningsAsErrors=true' '-p:Optimize=false' 2>&1
        $exitCode = $LASTEXITCODE
    }

    It 'is published without a warning, as one program' {
        $log | Should -BeNullOrEmpty
        $exitCode | Should -Be 0
        Get-ChildItem $folder | Where-Object Extension -NotIn '.pdb', '.xml', '.dbg' | ForEach-Object Name | Should -Be 'SdkNative'
    }

    It 'runs without .NET and without a CLI: tools, an answer as objects, messages as JSON and back' {
        $start = [System.Diagnostics.ProcessStartInfo]::new((Join-Path $folder 'SdkNative'), '--mock')
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $start.WorkingDirectory = $TestDrive
        $start.Environment.Clear()
        $start.Environment['HOME'] = "$TestDrive"
        $process = [System.Diagnostics.Process]::Start($start)
        $errors = $process.StandardError.ReadToEndAsync()
        $shown = $process.StandardOutput.ReadToEnd()
        $process.WaitForExit()
        $errors.Result | Should -BeNullOrEmpty
        $shown.TrimEnd() -split '\r?\n' | Should -Be 'web1: up', 'SystemMessage: ', 'UserMessage: Say that you are done', 'AssistantMessage: Done.', 'ResultMessage:'
        $process.ExitCode | Should -Be 0
    }
}
