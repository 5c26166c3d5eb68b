#Requires -Version 7.4

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    # What every run of the CLI of March 2026 gets, and nothing else.
    $always = '--execute', '--stream-json'
    $quiet = '--no-ide', '--no-jetbrains', '--no-notifications', '--no-color'
}

Describe 'The command line of a run' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $call = Get-AmpFakeCall $place

        function Get-RunArgument([hashtable] $More) {
            Invoke-AmpAgent @call @More | Out-Null
            $run = Get-AmpFakeRecord $place -Kind Run
            $run.commandLine | Select-Object -Skip 1 | Should -Be $run.arguments
            $run.arguments
        }
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'has nothing of a prompt that looks like an option: <_>' -ForEach @(
        '--version', '--help', '-x', '--dangerously-allow-all', '--', '-', '--execute=now', '$(touch x)', '; rm -rf /',
        '%PATH%', '"quoted"', '@file', 'threads list'
    ) {
        Get-RunArgument @{ Prompt = $_ } | Should -Be ($always + $quiet)

        (Get-AmpFakeRecord $place -Kind Run).standardInput.text | Should -BeExactly $_
    }

    It 'has a mode as one argument' {
        Get-RunArgument @{ Prompt = 'go'; Mode = 'smart' } | Should -Be ($always + '--mode=smart' + $quiet)
    }

    It 'never has a mode that the CLI does not know: <_>' -ForEach '--dangerously-allow-all', '-x', 'a b', 'a"b', '$(id)', 'ü€' {
        $mode = $_
        { Invoke-AmpAgent 'go' @call -Mode $mode } | Should -Throw -ErrorId 'UnsupportedByCli,*'
        Get-AmpFakeRecord $place -Kind Run | Should -BeNullOrEmpty
    }

    It 'has the ID of a thread, also where its URL was given' {
        $id = 'T-01a1fc29-d07b-7559-bfd5-81c55e0aa685'
        Get-RunArgument @{ Prompt = 'go'; ThreadId = "https://ampcode.com/threads/$id" } |
            Should -Be (@('threads', 'continue', $id) + $always + $quiet)
    }

    It 'has no thread that is more than an ID: <_>' -ForEach @(
        'T-01a1fc29-d07b-7559-bfd5-81c55e0aa685 --dangerously-allow-all'
        '--last'
        'T-01a1fc29-d07b-7559-bfd5-81c55e0aa685;x'
        '../T-01a1fc29-d07b-7559-bfd5-81c55e0aa685'
        ''
    ) {
        $thread = $_
        { Invoke-AmpAgent 'go' @call -ThreadId $thread } | Should -Throw -ErrorId 'InvalidOption,*'
        Get-AmpFakeRecord $place | Should -BeNullOrEmpty
    }

    It 'has what is needed for thinking' {
        Get-RunArgument @{ Prompt = 'go'; IncludeThinking = $true } | Should -Be ($always + '--stream-json-thinking' + $quiet)
    }

    It 'leaves away what the CLI of <Build> does not know' -ForEach @(
        @{ Build = '2026-01-08'; Version = '0.0.1767830505-ga62310'; Known = '--no-ide', '--no-jetbrains', '--no-notifications' }
        @{
            Build = '2026-09-23'; Version = '0.0.1790142911-g7618fb'
            Known = '--no-ide', '--no-notifications', '--no-color', '--no-remote-control-terminal', '--no-archive-after-execute'
        }
    ) {
        $call.Environment.AMP_FAKE_VERSION = $Version
        $call.Environment.AMP_FAKE_HELP = Join-Path (Get-AmpTestLayout).Root "tests/Amp.FakeCli/help/$Build.txt"

        # The native CLIs are given a private file of settings in every run, so that their built-in rules hold.
        Get-RunArgument @{ Prompt = 'go' } | Where-Object { $_ -notlike '--settings-file=*' } | Sort-Object | Should -Be ($always + $Known | Sort-Object)
    }

    It 'does not keep a continued thread from being archived, which the user may have done' {
        $call.Environment.AMP_FAKE_VERSION = '0.0.1790142911-g7618fb'
        $call.Environment.AMP_FAKE_HELP = Join-Path (Get-AmpTestLayout).Root 'tests/Amp.FakeCli/help/2026-09-23.txt'
        Get-RunArgument @{ Prompt = 'go'; ThreadId = 'T-01a1fc29-d07b-7559-bfd5-81c55e0aa685' } |
            Should -Not -Contain '--no-archive-after-execute'
    }

    It 'never has a visibility that nobody asked for' {
        Get-RunArgument @{ Prompt = 'go' } | Where-Object { $_ -like '--visibility*' } | Should -BeNullOrEmpty
    }

    It 'is asked for only once of the same CLI' {
        1..3 | ForEach-Object { Invoke-AmpAgent 'go' @call -ResultOnly | Out-Null }

        $records = @(Get-AmpFakeRecord $place)
        @($records | Where-Object kind -EQ 'Run').Count | Should -Be 3
        @($records | Where-Object kind -EQ 'Version').Count | Should -Be 1
        @($records | Where-Object kind -EQ 'Help').Count | Should -Be 1
    }

    It 'holds no file of settings: the CLI reads the user''s own' {
        $run = Get-RunArgument @{ Prompt = 'go' }
        $run | Where-Object { $_ -like '--settings-file*' -or $_ -like '--mcp-config*' } | Should -BeNullOrEmpty
        (Get-AmpFakeRecord $place -Kind Run).files | Should -BeNullOrEmpty
    }
}
