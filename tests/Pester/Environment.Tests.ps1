#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
}

Describe 'The variables of a run' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        $outer = @{}

        # Of this process, and taken back after the test.
        function Use-Variable([hashtable] $Variable) {
            $before = Use-AmpTestVariable $Variable
            $before.Keys | ForEach-Object { $outer[$_] = $before[$_] }
        }

        function Get-RunEnvironment {
            Invoke-AmpAgent 'go' @call | Out-Null
            (Get-AmpFakeRecord $place -Kind Run).environment
        }
    }

    AfterEach {
        $null = Use-AmpTestVariable $outer
        Close-AmpTestPlace $place
    }

    It 'are those of this session' {
        Use-Variable @{ AMP_TEST_OF_SESSION = 'a value with ü and spaces' }
        $env:AMP_TEST_BY_DRIVE = 'by drive'
        $environment = try { Get-RunEnvironment } finally { Remove-Item Env:\AMP_TEST_BY_DRIVE }

        $environment.AMP_TEST_OF_SESSION | Should -BeExactly 'a value with ü and spaces'
        $environment.AMP_TEST_BY_DRIVE | Should -Be 'by drive'
    }

    It 'are not those of an agent that this session itself runs in' {
        Use-Variable @{
            AGENT = 'amp'; AMP_THREAD_ID = 'T-outer'; AGENT_TOOL_NAME = 'Bash'; AGENT_TOOL_USE_ID = 'toolu_1'; AGENT_TOOL_NEW = 'x'
        }
        $environment = Get-RunEnvironment

        $environment.Keys | Where-Object { $_ -like 'AGENT*' -or $_ -eq 'AMP_THREAD_ID' } | Should -BeNullOrEmpty
    }

    It 'ask for plain text, no update and no remote control, and name this SDK' {
        Use-Variable @{ FORCE_COLOR = '3'; CLICOLOR_FORCE = '1' }
        $environment = Get-RunEnvironment

        $environment.Keys | Should -Not -Contain 'FORCE_COLOR'
        $environment.Keys | Should -Not -Contain 'CLICOLOR_FORCE'
        $environment.NO_COLOR | Should -Be '1'
        $environment.AMP_SKIP_UPDATE_CHECK | Should -Be '1'
        $environment.AMP_REMOTE_CONTROL_TERMINAL | Should -Be '0'
        $environment.AMP_SDK_VERSION | Should -BeLike 'dotnet-*'
    }

    It 'can be set and, with $null, taken away by -Environment' {
        Use-Variable @{ AMP_TEST_KEPT = 'outer'; AMP_TEST_CHANGED = 'outer'; AMP_TEST_REMOVED = 'outer' }
        $call.Environment += @{ AMP_TEST_CHANGED = 'inner'; AMP_TEST_REMOVED = $null; AMP_TEST_EMPTY = ''; AMP_TEST_NEW = "two`nlines" }
        $environment = Get-RunEnvironment

        $environment.AMP_TEST_KEPT | Should -Be 'outer'
        $environment.AMP_TEST_CHANGED | Should -Be 'inner'
        $environment.Keys | Should -Not -Contain 'AMP_TEST_REMOVED'
        $environment.AMP_TEST_EMPTY | Should -BeExactly ''
        $environment.AMP_TEST_NEW | Should -BeExactly "two`nlines"
        $env:AMP_TEST_CHANGED | Should -Be 'outer' -Because 'this session''s own stay as they are'
    }

    It 'given by -Environment win over those that are set or taken away for every run' {
        $call.Environment += @{ AGENT = 'mine'; NO_COLOR = $null; AMP_REMOTE_CONTROL_TERMINAL = '1' }
        $environment = Get-RunEnvironment

        $environment.AGENT | Should -Be 'mine'
        $environment.Keys | Should -Not -Contain 'NO_COLOR'
        $environment.AMP_REMOTE_CONTROL_TERMINAL | Should -Be '1'
    }

    It 'keep the calls of the tools of this session away from a proxy' {
        Use-Variable @{ HTTP_PROXY = 'http://proxy:3128'; NO_PROXY = '.corp' }
        $call.Tool = 'Get-Date'
        $environment = Get-RunEnvironment

        $environment.NO_PROXY | Should -BeExactly '.corp,127.0.0.1,localhost,::1'
        $environment.HTTP_PROXY | Should -Be 'http://proxy:3128'
        $env:NO_PROXY | Should -Be '.corp'
    }

    It 'say nothing about a proxy where nothing of this session is called' {
        Use-Variable @{ HTTP_PROXY = 'http://proxy:3128'; NO_PROXY = '.corp' }
        (Get-RunEnvironment).NO_PROXY | Should -BeExactly '.corp'
    }

    It 'can be given as any dictionary and any value, in the words of the language' {
        $given = [System.Collections.Generic.Dictionary[string, object]]::new()
        $call.Environment.GetEnumerator() | ForEach-Object { $given[$_.Key] = $_.Value }
        $given['AMP_TEST_NUMBER'] = 1.5
        $given['AMP_TEST_SWITCH'] = $true
        $given['AMP_TEST_LIST'] = 'a', 'b'
        $given['AMP_TEST_OBJECT'] = [psobject]::AsPSObject('wrapped')
        $call.Environment = $given
        $environment = Get-RunEnvironment

        $environment.AMP_TEST_NUMBER | Should -Be '1.5'
        $environment.AMP_TEST_SWITCH | Should -Be 'True'
        $environment.AMP_TEST_LIST | Should -Be 'a b'
        $environment.AMP_TEST_OBJECT | Should -Be 'wrapped'
    }

    It 'hold the text of a SecureString, which is shown nowhere' {
        $secret = [securestring]::new()
        'canary-of-a-key'.ToCharArray() | ForEach-Object { $secret.AppendChar($_) }
        $call.Environment['AMP_API_KEY'] = $secret
        $all = Invoke-AmpAgent 'go' @call -Verbose 4>&1

        (Get-AmpFakeRecord $place -Kind Run).environment.AMP_API_KEY | Should -BeExactly 'canary-of-a-key'
        "$all" | Should -Not -Match 'canary'
    }
}

Describe 'The folder of a run' {
    BeforeAll {
        function Get-RunFolder {
            (Get-AmpFakeRecord $place -Kind Run).workingDirectory
        }
    }

    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place
        $call.Remove('WorkingDirectory')
        $processFolder = [System.Environment]::CurrentDirectory
        $start = Get-Location
    }

    AfterEach {
        Set-Location $start
        [System.Environment]::CurrentDirectory = $processFolder
        Close-AmpTestPlace $place
    }

    It 'is PowerShell''s location, not the process''s own folder' {
        Set-Location -LiteralPath $place.Project
        [System.Environment]::CurrentDirectory = $place.UserHome
        Invoke-AmpAgent 'go' @call | Out-Null

        Get-RunFolder | Should -Be $place.Project
    }

    It 'given as a relative path is below PowerShell''s location' {
        $null = New-Item -ItemType Directory -Path (Join-Path $place.Project 'sub folder')
        Set-Location -LiteralPath $place.Root
        [System.Environment]::CurrentDirectory = $place.UserHome
        Invoke-AmpAgent 'go' @call -Cwd './project/sub folder' | Out-Null

        Get-RunFolder | Should -Be (Join-Path $place.Project 'sub folder')
    }

    It 'has characters that are wildcards elsewhere' {
        $folder = Join-Path $place.Project 'a[b]*c'
        $null = [System.IO.Directory]::CreateDirectory($folder)
        Invoke-AmpAgent 'go' @call -WorkingDirectory $folder | Out-Null

        Get-RunFolder | Should -Be $folder
    }

    It 'can be on a drive of PowerShell''s' {
        $folder = (New-Item -ItemType Directory -Path 'TestDrive:/run').FullName
        Invoke-AmpAgent 'go' @call -WorkingDirectory 'TestDrive:/run' | Out-Null
        Get-RunFolder | Should -Be $folder
    }

    It 'is a location on a drive of PowerShell''s' {
        $folder = (New-Item -ItemType Directory -Path 'TestDrive:/here').FullName
        Set-Location 'TestDrive:/here'
        Invoke-AmpAgent 'go' @call | Out-Null
        Get-RunFolder | Should -Be $folder
    }

    It 'is never a location outside of the file system' {
        Set-Location Env:
        { Invoke-AmpAgent 'go' @call } | Should -Throw -ErrorId 'InvalidOption,*' -ExpectedMessage '*Env:*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty

        Invoke-AmpAgent 'go' @call -WorkingDirectory $place.Project | Out-Null
        Get-RunFolder | Should -Be $place.Project
    }

    It 'given as <Path> is refused' -ForEach @(
        @{ Path = 'Env:\PATH' }
        @{ Path = 'Variable:' }
        @{ Path = 'NoSuchDrive:\x' }
        @{ Path = 'NoSuchProvider::x' }
    ) {
        { Invoke-AmpAgent 'go' @call -WorkingDirectory $Path } |
            Should -Throw -ErrorId 'InvalidOption,Amp.PowerShell.Commands.InvokeAmpAgentCommand' -ExpectedMessage '*WorkingDirectory*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'does not decide which CLI a relative -CliPath means: PowerShell''s location does' -Skip:$IsWindows {
        $link = Join-Path $place.Project 'amp-link'
        $null = New-Item -ItemType SymbolicLink -Path $link -Target $call.CliPath
        Set-Location -LiteralPath $place.Project
        [System.Environment]::CurrentDirectory = $place.UserHome
        $call.CliPath = './amp-link'
        Invoke-AmpAgent 'go' @call -WorkingDirectory $place.UserHome | Out-Null

        (Get-AmpCli ./amp-link -Environment $call.Environment).Path | Should -Be $link
        Get-RunFolder | Should -Be $place.UserHome
    }
}
